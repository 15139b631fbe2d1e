"""Runs a command in a terminal of its own, and answers when it asks.

stdin: {"command": [...], "steps": [["text to wait for", "keys to send"], ...]}; stdout: {"code": ..., "screen": ...}
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

LIMIT_SECONDS = 240

job = json.load(sys.stdin)
pid, terminal = pty.fork()
if pid == 0:
    # A terminal begins without a width, and prompts would be wrapped after each letter.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
    os.execvp(job["command"][0], job["command"])

screen, seen = "", 0
steps = list(job["steps"])
deadline = time.monotonic() + LIMIT_SECONDS
while time.monotonic() < deadline:
    while steps and (at := screen.find(steps[0][0], seen)) >= 0:
        _, keys = steps.pop(0)
        seen = len(screen)
        for key in keys:
            os.write(terminal, key.encode())
            time.sleep(0.05)
    if not select.select([terminal], [], [], 1)[0]:
        continue
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    screen += data.decode(errors="replace")
else:
    os.kill(pid, 9)

status = os.waitpid(pid, 0)[1]
json.dump({"code": os.waitstatus_to_exitcode(status), "screen": screen, "left": len(steps)}, sys.stdout)

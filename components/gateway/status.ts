import { textfileDirectory } from "../monitoring/textfile.ts";

export const statusProgram = "/usr/local/lib/sovereign/dns-status";
/** 1 while this name server holds an entrance for healthy, by `entrance` and `family`. */
export const entranceMetric = "sovereign_dns_entrance_up";
/** 1 while this name server answers. */
export const answersMetric = "sovereign_dns_answers";

/** Seconds that the server has to answer. */
const patienceSeconds = 3;

/**
 * Asks this name server which entrances it holds for healthy, as anybody could, and leaves that to the node exporter. Asking is also what
 * makes the server begin its checks, so it is done right after each start.
 */
export function renderStatusProgram(address: string, statusName: string): string {
  return `#!/usr/bin/python3 -I
import os, secrets, socket, struct, sys, time

SERVER, NAME = "${address}", "${statusName}"
OUT = "${textfileDirectory}/dns.prom"


def question():
    ident = secrets.randbelow(65536)
    labels = b"".join(bytes([len(part)]) + part.encode() for part in NAME.split("."))
    return ident, struct.pack("!6H", ident, 0, 1, 0, 0, 0) + labels + b"\\0" + struct.pack("!2H", 16, 1)


def skip_name(message, at):
    while message[at] != 0:
        if message[at] >= 192:
            return at + 2
        at += message[at] + 1
    return at + 1


def ask():
    ident, packet = question()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(${patienceSeconds})
        sock.connect((SERVER, 53))
        sock.send(packet)
        message = sock.recv(4096)
    answer, flags, questions, answers = struct.unpack("!4H", message[:8])
    if answer != ident or flags & 15 != 0:
        raise OSError(f"refused with code {flags & 15}")
    at = 12
    for _ in range(questions):
        at = skip_name(message, at) + 4
    for _ in range(answers):
        at = skip_name(message, at)
        length = struct.unpack("!H", message[at + 8 : at + 10])[0]
        yield message[at + 11 : at + 10 + length].decode("ascii")
        at += 10 + length


def states():
    for attempt in range(5):
        try:
            return list(ask())
        except (OSError, IndexError, struct.error, UnicodeDecodeError) as error:
            print(f"name server {SERVER}: {error}", file=sys.stderr)
            time.sleep(0.5)
    return None


found = states()
lines = [
    "# HELP ${answersMetric} Whether this name server answers.",
    "# TYPE ${answersMetric} gauge",
    f"${answersMetric} {0 if found is None else 1}",
    "# HELP ${entranceMetric} Whether this name server holds an entrance for healthy.",
    "# TYPE ${entranceMetric} gauge",
]
for state in sorted(found or []):
    place, _, health = state.partition("=")
    entrance, _, family = place.partition("/")
    if family:
        lines.append(f'${entranceMetric}{{entrance="{entrance}",family="{family}"}} {int(health == "up")}')
with open(OUT + ".new", "w") as file:
    file.write("\\n".join(lines) + "\\n")
os.chmod(OUT + ".new", 0o644)
os.replace(OUT + ".new", OUT)
`;
}

export const statusService = `[Unit]
Description=Which entrances this name server holds for healthy, for the node exporter
After=pdns.service

[Service]
Type=oneshot
ExecStart=${statusProgram}
ProtectSystem=strict
ReadWritePaths=${textfileDirectory}
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
NoNewPrivileges=yes
RestrictAddressFamilies=AF_INET
CapabilityBoundingSet=
`;

export const statusTimer = `[Unit]
Description=Asks this name server every 10 s which entrances it holds for healthy

[Timer]
OnBootSec=10s
OnUnitActiveSec=10s
AccuracySec=1s

[Install]
WantedBy=timers.target
`;

"""Carries packets between two TUN devices of two network namespaces, each after a fixed time.

delay-line.py MILLISECONDS DEVICE DEVICE, with /dev/net/tun open as descriptors 3 and 4: opened within the namespace of the
first and of the second device, as that is where the kernel looks for a device of that name.
"""

import fcntl, os, select, struct, sys, time
from collections import deque

TUNSETIFF, TUNSETOFFLOAD = 0x400454CA, 0x400454D0
IFF_TUN, IFF_NO_PI, IFF_VNET_HDR = 0x0001, 0x1000, 0x4000
# Checksums and segmentation are left to the receiver: a bulk transfer moves 64 KB at a time instead of 1450 bytes.
OFFLOADS = 0x01 | 0x02 | 0x04 | 0x08
LARGEST = 65535 + 64
# What a provider's queue would hold is dropped beyond, as there.
QUEUE = 20000
# Packets of one side that are read before the other side has its turn.
BURST = 64


def attach(fd, name):
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI | IFF_VNET_HDR))
    fcntl.ioctl(fd, TUNSETOFFLOAD, OFFLOADS)
    os.set_blocking(fd, False)


def receive(fd, queue, due):
    for _ in range(BURST):
        try:
            packet = os.read(fd, LARGEST)
        except BlockingIOError:
            return
        if len(queue) < QUEUE:
            queue.append((due, packet))


def deliver(fd, queue, now):
    while queue and queue[0][0] <= now:
        try:
            os.write(fd, queue.popleft()[1])
        except BlockingIOError:
            return
        except OSError:
            pass  # a device that is down takes nothing: the packet is lost


def main():
    delay = float(sys.argv[1]) / 1000
    near, far = 3, 4
    attach(near, sys.argv[2])
    attach(far, sys.argv[3])
    towards = {near: deque(), far: deque()}
    print("ready", flush=True)
    while True:
        due = [queue[0][0] for queue in towards.values() if queue]
        wait = max(0.0, min(due) - time.monotonic()) if due else None
        readable, _, _ = select.select([near, far], [], [], wait)
        for fd in readable:
            other = far if fd == near else near
            receive(fd, towards[other], time.monotonic() + delay)
        now = time.monotonic()
        for fd, queue in towards.items():
            deliver(fd, queue, now)


main()

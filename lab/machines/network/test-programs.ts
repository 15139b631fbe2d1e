/** Programs of Python that tests run in namespaces in place of machines. */

/** Echoes what it is sent over TCP, on all addresses. Argument: port. */
export const echoServer = `
import socket, sys, threading
server = socket.create_server(("", int(sys.argv[1])), family=socket.AF_INET6, dualstack_ipv6=True)
print("ready")
def serve(peer):
    with peer:
        while data := peer.recv(4096): peer.sendall(data)
while True: threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
`;

/** One connection: prints its own address as the server sees it, or what went wrong. Arguments: address, port, seconds of patience. */
export const connectOnce = `
import socket, sys
address, port, patience = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
try:
    with socket.create_connection((address, port), timeout=patience) as peer:
        peer.sendall(b"hello")
        print("connected from", peer.getsockname()[0], peer.recv(5).decode())
except TimeoutError: print("silence")
except OSError as error: print(error.strerror)
`;

/** One connection that stays: for each line on its input it says whether it came back within the patience. Arguments as above. */
export const talker = `
import socket, sys
peer = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=float(sys.argv[3]))
print("ready")
for line in sys.stdin:
    try:
        peer.sendall(line.encode())
        print("echoed" if peer.recv(4096) else "closed")
    except TimeoutError: print("silence")
    except OSError as error: print(error.strerror)
`;

/** Counts datagrams: tells for each line on its input how many have come. Argument: port. */
export const datagramCounter = `
import socket, sys, threading
taker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
taker.bind(("", int(sys.argv[1])))
count = 0
def take():
    global count
    while taker.recv(10): count += 1
threading.Thread(target=take, daemon=True).start()
print("ready")
for line in sys.stdin: print(count)
`;

/** Arguments: address, port. */
export const sendDatagram = `
import socket, sys
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", (sys.argv[1], int(sys.argv[2])))
`;

/** Milliseconds that the quickest of five connections took. Arguments: address, port. */
export const fastestConnect = `
import socket, sys, time
def once():
    start = time.monotonic()
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5).close()
    return (time.monotonic() - start) * 1000
print(min(once() for _ in range(5)))
`;

/** Sends and takes back so many bytes at once, and compares. Arguments: address, port, bytes. */
export const sendMuch = `
import hashlib, os, socket, sys, threading
peer = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=60)
block = os.urandom(1 << 16)
total = int(sys.argv[3])
threading.Thread(target=lambda: peer.sendall((block * (total // len(block) + 1))[:total])).start()
expected, got = hashlib.sha256((block * (total // len(block) + 1))[:total]), hashlib.sha256()
count = 0
while count < total:
    data = peer.recv(1 << 16)
    if not data: break
    got.update(data); count += len(data)
print(count, "back as sent" if got.digest() == expected.digest() else "back, but changed")
`;

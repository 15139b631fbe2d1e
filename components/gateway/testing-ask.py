"""For tests: asks a name server, prints code, flags and records: `NOERROR aa 10.9.0.1/5`. --until TEXT asks until that is in the answer."""
import argparse, ipaddress, socket, struct, sys, time

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "AXFR": 252, "ANY": 255, "CAA": 257}
CODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 9: "NOTAUTH"}

parser = argparse.ArgumentParser()
parser.add_argument("name")
parser.add_argument("type", choices=TYPES)
parser.add_argument("--server", default="10.8.0.1")
parser.add_argument("--source")
parser.add_argument("--subnet")
parser.add_argument("--tcp", action="store_true")
parser.add_argument("--chaos", action="store_true")
parser.add_argument("--until")
args = parser.parse_args()


def name_at(message, at):
    labels, end = [], None
    while message[at]:
        if message[at] >= 192:
            end = end or at + 2
            at = (message[at] & 63) << 8 | message[at + 1]
            continue
        labels.append(message[at + 1 : at + 1 + message[at]].decode())
        at += 1 + message[at]
    return ".".join(labels) + ".", end or at + 1


def shown(kind, message, at, data):
    if kind in (1, 28):
        return str(ipaddress.ip_address(data))
    if kind in (2, 5):
        return name_at(message, at)[0]
    if kind == 15:
        return f"{struct.unpack('!H', data[:2])[0]} {name_at(message, at + 2)[0]}"
    if kind == 33:
        return " ".join(map(str, struct.unpack("!3H", data[:6]))) + " " + name_at(message, at + 6)[0]
    if kind == 6:
        return " ".join(map(str, struct.unpack("!5I", data[-20:])))
    if kind == 16:
        parts = []
        while data:
            parts.append(data[1 : 1 + data[0]].decode())
            data = data[1 + data[0] :]
        return "".join(parts)
    if kind == 257:
        return f"{data[0]} {data[2:2 + data[1]].decode()} {data[2 + data[1]:].decode()}"
    return data.hex()


def ask():
    options = b""
    if args.subnet:
        net = ipaddress.ip_network(args.subnet)
        body = struct.pack("!HBB", net.version == 4 and 1 or 2, net.prefixlen, 0) + net.network_address.packed[: (net.prefixlen + 7) // 8]
        options = struct.pack("!HH", 8, len(body)) + body
    extra = b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(options)) + options
    labels = b"".join(bytes([len(part)]) + part.encode() for part in args.name.split("."))
    packet = struct.pack("!6H", 4711, 0x100, 1, 0, 0, 1) + labels + b"\0" + struct.pack("!2H", TYPES[args.type], 3 if args.chaos else 1) + extra
    family = socket.AF_INET6 if ":" in args.server else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM if args.tcp else socket.SOCK_DGRAM)
    sock.settimeout(2)
    if args.source:
        sock.bind((args.source, 0))
    sock.connect((args.server, 53))
    if args.tcp:
        sock.sendall(struct.pack("!H", len(packet)) + packet)
        message = sock.recv(struct.unpack("!H", sock.recv(2))[0])
    else:
        sock.send(packet)
        message = sock.recv(4096)
    _, flags, questions, answers, authority, additional = struct.unpack("!6H", message[:12])
    at = 12
    for _ in range(questions):
        at = name_at(message, at)[1] + 4
    found = []
    for index in range(answers + authority):
        at = name_at(message, at)[1]
        kind, _, ttl, length = struct.unpack("!HHIH", message[at : at + 10])
        if index < answers:
            found.append(f"{shown(kind, message, at + 10, message[at + 10 : at + 10 + length])}/{ttl}")
        at += 10 + length
    names = [word for bit, word in ((0x400, "aa"), (0x200, "tc"), (0x80, "ra")) if flags & bit]
    return " ".join([CODES[flags & 15], *names, *sorted(found)])


end = time.time() + 30
while True:
    try:
        answer = ask()
    except OSError as error:
        answer = f"no answer: {error}"
    if args.until is None or args.until == answer.split("aa ")[-1] or time.time() > end:
        break
    time.sleep(0.1)
print(answer)
sys.exit(0)

#!/usr/bin/python3
"""Finds the machines whose addresses the provider chooses, and tells Prometheus (file_sd).

Asks every address of the given subnets for its node exporter, all in a few seconds. One that stops answering is kept
for a while, so that the alert about it can fire, and then forgotten.
"""
import asyncio
import ipaddress
import json
import os
import re
import sys
import tempfile
import time

NAME = re.compile(rb'^node_uname_info\{[^\n]*?\bnodename="([A-Za-z0-9][A-Za-z0-9.-]{0,252})"', re.MULTILINE)
REQUEST = "GET /metrics?collect%5B%5D=uname HTTP/1.0\r\nHost: {}\r\nConnection: close\r\n\r\n"
MOST_BYTES = 65536
# The provider gives the lowest free address, and a network holds far fewer machines than this.
MOST_ADDRESSES = 1024


def addresses(cidr):
    network = ipaddress.ip_network(cidr)
    first = int(network.network_address) + 1
    last = min(int(network.broadcast_address) - 1, first + MOST_ADDRESSES - 1)
    return [str(ipaddress.ip_address(number)) for number in range(first, last + 1)]


async def ask(address, port, timeout):
    """Name of the machine; its address where the name cannot be read; None where nobody answers."""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(address, port), timeout)
    except (OSError, asyncio.TimeoutError):
        return None
    try:
        writer.write(REQUEST.format(address).encode())
        answer = b""
        async with asyncio.timeout(timeout):
            while len(answer) < MOST_BYTES and (part := await reader.read(MOST_BYTES)):
                answer += part
    except (OSError, asyncio.TimeoutError):
        pass
    finally:
        writer.close()
    found = NAME.search(answer)
    return found.group(1).decode() if found else address


async def sweep(config):
    """Names by address, subnet by subnet."""
    limit = asyncio.Semaphore(config["concurrency"])

    async def one(address):
        async with limit:
            return address, await ask(address, config["port"], config["timeout"])

    found = []
    for subnet in config["subnets"]:
        answers = await asyncio.gather(*(one(address) for address in addresses(subnet["cidr"])))
        found.append({address: name for address, name in answers if name is not None})
    return found


def remember(known, found, now, forget_after):
    """What is known of one subnet after a sweep: address -> name and when it was last seen."""
    kept = {a: e for a, e in known.items() if now - e["seen"] < forget_after}
    for address, name in found.items():
        # A machine that answers but does not say its name keeps the one that it had.
        unnamed = name == address and address in kept
        kept[address] = {"name": kept[address]["name"] if unnamed else name, "seen": now}
    return kept


def by_address(known):
    return sorted(known.items(), key=lambda item: ipaddress.ip_address(item[0]))


def targets(subnets, state):
    """Groups for file_sd by job."""
    jobs = {}
    for subnet in subnets:
        for target in subnet["targets"]:
            groups = jobs.setdefault(target["job"], [])
            for address, entry in by_address(state.get(subnet["cidr"], {})):
                labels = {"host": entry["name"], **subnet["labels"], **target["labels"]}
                groups.append({"targets": [f"{address}:{target['port']}"], "labels": labels})
    return jobs


def write(path, value):
    """Readers see the old file or the new one, never a part."""
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".")
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(value, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def read(path):
    try:
        with open(path) as file:
            return json.load(file)
    except FileNotFoundError:
        return {}
    except ValueError:
        print(f"{path} cannot be read: starting anew", file=sys.stderr)
        return {}


def main(config_path, now):
    with open(config_path) as file:
        config = json.load(file)
    memory = os.path.join(config["directory"], "state")
    before = read(memory)
    state = {
        subnet["cidr"]: remember(before.get(subnet["cidr"], {}), found, now, config["forgetAfter"])
        for subnet, found in zip(config["subnets"], asyncio.run(sweep(config)))
    }
    write(memory, state)
    for job, groups in targets(config["subnets"], state).items():
        write(os.path.join(config["directory"], job + ".json"), groups)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else time.time())

import socket
from urllib.parse import unquote, urlsplit

url = urlsplit(environment(settings["environment"])["REDIS_SESSIONS_URL"])


def ask(connection, *words):
    request = b"*%d\r\n" % len(words)
    for word in words:
        data = word.encode()
        request += b"$%d\r\n%s\r\n" % (len(data), data)
    connection.sendall(request)
    answer = b""
    while not answer.endswith(b"\r\n"):
        part = connection.recv(4096)
        if not part:
            raise ConnectionError("closed by the other side")
        answer += part
    if answer[:1] not in b"+:":
        raise RuntimeError(answer.decode("utf-8", "replace").strip())


def connect():
    connection = socket.create_connection((url.hostname, url.port), 2)
    connection.settimeout(2)
    ask(connection, "AUTH", unquote(url.username), unquote(url.password))
    return connection


def write(connection, key):
    ask(connection, "SET", "drill:" + key, "session of " + key, "EX", "3600")


run(connect, write, lambda connection: connection.close())

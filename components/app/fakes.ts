/**
 * For tests only: Patroni's REST interface over TLS and a PostgreSQL port that says its node's name, for every node. What
 * a node is stands in `/fake/<name>`: primary, replica, diverged (a replica that does not stream), or none of them.
 */
export const fakePatroni = `import http.server, json, socket, ssl, sys, threading
def role(name):
    try: return open("/fake/" + name).read().strip()
    except OSError: return ""
def greet(conn, name):
    with conn:
        try:
            conn.sendall(name.encode() + b"\\n")
            conn.recv(1)
        except OSError: pass
def serve(name, address):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_OPTIONS(self):
            wanted = self.path.split("?")[0].strip("/")
            self.send_response(200 if role(name) == wanted else 503)
            self.end_headers()
        def do_GET(self):
            wanted = self.path.split("?")[0].strip("/")
            is_replica = role(name) in ("replica", "diverged")
            self.send_response(200 if wanted == "replica" and is_replica else 503)
            self.end_headers()
            state = {"replica": {"replication_state": "streaming"}}.get(role(name), {})
            self.wfile.write(json.dumps({"state": "running", "role": "replica", **state}).encode())
        def log_message(self, *_): pass
    server = http.server.ThreadingHTTPServer((address, 8008), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("/fake/" + name + ".pem")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    data = socket.create_server((address, 5432))
    while True:
        conn, _ = data.accept()
        threading.Thread(target=greet, args=(conn, name), daemon=True).start()
threads = [threading.Thread(target=serve, args=arg.split("=")) for arg in sys.argv[1:]]
for thread in threads: thread.start()
for thread in threads: thread.join()
`;

/** Prints the first line that a port of loopback says, or "cut". */
export const greetingProgram = `import socket, sys
try:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2) as conn:
        conn.settimeout(2)
        print(conn.recv(100).decode().strip() or "cut")
except OSError: print("cut")
`;

/** Journal's end of /dev/log: appends what is logged to /journal. */
export const fakeJournal = `import os, socket
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
os.chmod("/dev/log", 0o666)
with open("/journal", "ab", buffering=0) as file:
    while True: file.write(log.recv(65536) + b"\\n")
`;

"""For tests: a location's load balancer at ADDRESS: /healthz over TLS with a certificate of another name; 503 while /unhealthy-ADDRESS exists;
/readyz/location also while /unready-ADDRESS does."""
import http.server, os, socket, ssl, sys

address = sys.argv[1]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        causes = {"/healthz": ["unhealthy"], "/readyz/location": ["unhealthy", "unready"]}.get(self.path)
        well = causes and self.headers["Host"] == "shop.example.eu" and not any(os.path.exists(f"/{cause}-{address}") for cause in causes)
        self.send_response(200 if well else 503)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6 if ":" in address else socket.AF_INET


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/healthz.pem")
server = Server((address, 443), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()

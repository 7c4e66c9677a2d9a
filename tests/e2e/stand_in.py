#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""stand_in.py HOST PORT: a proxy for which every host is that one.

Prints its own port; one request for each connection, plain HTTP only.
"""
import socket
import socketserver
import sys

TO = (sys.argv[1], int(sys.argv[2]))


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline().decode('latin-1').split(' ')
        if len(line) != 3 or not line[1].startswith('http://'):
            return
        path = '/' + line[1][7:].partition('/')[2]
        head, length = [f'{line[0]} {path} {line[2]}'], 0
        for raw in self.rfile:
            text = raw.decode('latin-1')
            if text in ('\r\n', '\n'):
                break
            name = text.partition(':')[0].lower()
            if name == 'content-length':
                length = int(text.partition(':')[2])
            if name not in ('connection', 'proxy-connection'):
                head.append(text)
        head.append('Connection: close\r\n\r\n')
        with socket.create_connection(TO) as up:
            up.sendall(''.join(head).encode('latin-1') +
                       self.rfile.read(length))
            while data := up.recv(65536):
                self.wfile.write(data)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


with Server(('127.0.0.1', 0), Handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()

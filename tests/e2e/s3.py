#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""As much of S3 as a copying client asks for, in memory: s3.py PORT LOG

A line in LOG for each object that is put: its key, type, Cache-Control, bytes.
GET /bucket/key gives it back with what it was put with.  Signatures are not
looked at.
"""
import hashlib
import http.server
import sys
import urllib.parse
from xml.sax.saxutils import escape

objects = {}
log = open(sys.argv[2], "a", buffering=1)
META = "x-amz-meta-"
DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def say(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if "Content-Length" not in dict(headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def key(self):
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        return path.lstrip("/")

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        key = self.key()
        if "/" in key.rstrip("/"):
            kept = {k: v for k, v in self.headers.items()
                    if k.lower() in ("content-type", "cache-control")
                    or k.lower().startswith(META)}
            objects[key] = body, kept
            low = {k.lower(): v for k, v in kept.items()}
            log.write("%s\t%s\t%s\t%d\n" % (key, low.get("content-type"),
                      low.get("cache-control", ""), len(body)))
        self.say(200, headers=[("ETag", '"%s"' % hashlib.md5(body).hexdigest())])

    def do_DELETE(self):
        if objects.pop(self.key(), None) is not None:
            log.write("%s\tdeleted\n" % self.key())
        self.say(204)

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        key = self.key()
        if "/" not in key.rstrip("/"):
            return self.list(key.rstrip("/"))
        if key not in objects:
            return self.say(404)
        body, kept = objects[key]
        self.say(200, body, [("ETag", '"%s"' % hashlib.md5(body).hexdigest()),
                             ("Last-Modified", DATE),
                             ("Content-Length", str(len(body)))] +
                 list(kept.items()))

    def list(self, bucket):
        query = dict(urllib.parse.parse_qsl(
            urllib.parse.urlsplit(self.path).query))
        prefix, cut = query.get("prefix", ""), query.get("delimiter", "")
        files, folders = [], set()
        for key in sorted(objects):
            name = key[len(bucket) + 1:]
            if not name.startswith(prefix):
                continue
            rest = name[len(prefix):]
            if cut and cut in rest:
                folders.add(prefix + rest.split(cut)[0] + cut)
                continue
            files.append("<Contents><Key>%s</Key><Size>%d</Size><ETag>"
                         "&quot;%s&quot;</ETag><LastModified>"
                         "2026-01-01T00:00:00.000Z</LastModified></Contents>" %
                         (escape(name), len(objects[key][0]),
                          hashlib.md5(objects[key][0]).hexdigest()))
        body = ("<?xml version='1.0'?><ListBucketResult><Name>%s</Name>"
                "<IsTruncated>false</IsTruncated>%s%s</ListBucketResult>" % (
                    escape(bucket), "".join(files), "".join(
                        "<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>"
                        % escape(f) for f in sorted(folders))))
        self.say(200, body.encode(), [("Content-Type", "application/xml")])


http.server.ThreadingHTTPServer(
    ("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()

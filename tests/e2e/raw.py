#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""raw.py [-s SEED] [-t] [-b] PORT FILE TABLE ... [-- NAME=PORT ...]

Requests byte for byte: each row of the tables goes to the server at 127.0.0.1,
PORT, with the request SENTINEL behind it, and all that comes back is compared:
statuses, headers, bytes, framing, and whether the connection stays.  FILE is
what the server gives for $F.  One line for each row: ok or not ok.  With a
seed, each row is sent once more, in pieces; with -t, by TLS.

With -b there is a proxy at PORT, which sends what it lets through of the rows
on connections that it shares: after each row another client asks for bytes of
the file and must get them, and nothing that the row has left.

With peers, whose names and ports stand behind "--", statuses are compared with
theirs instead: ours must be that of one of them, or the row says why not.

A row:
    == its name
    > bytes, and CR LF      $F $D  paths of files    \\r \\n \\t \\0 \\xNN \\\\
    >- bytes                {text*9}  text nine times
    < 206                   an answer; "head": without a body, "close": the
                            connection ends there
    | Name: value           that header; a * at the end stands for anything
    ! Name                  no such header
    = 0-9                   the body: these bytes of the file; whole; or
                            parts 0-0 7-9  multipart/byteranges
    @ clause or reason      why no peer answers so
"""
import concurrent.futures
import getopt
import random
import re
import socket
import ssl
import sys
import time

F = '/Content/F8/6103D9F6BF95C772C8B7EE89AEE370CDCA4642F8.exe'
D = '/Content/AB/2F88DF42DA48AA980FB748D13BAA2DE49CD154AB.exe'
SENTINEL = b'GET /sentinel HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n'
WAIT_S = 20
PEERS_WAIT_S = 1
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TLS.check_hostname, TLS.verify_mode = False, ssl.CERT_NONE
# What a server says to what it does not understand is told in many ways.
REFUSED = {400, 408, 411, 413, 414, 417, 421, 431, 501, 505}


class Wrong(Exception):
    pass


class Answer:
    def __init__(self, words):
        self.status = int(words[0])
        self.head = 'head' in words
        self.close = 'close' in words
        self.headers, self.absent, self.body = [], [], None


class Row:
    def __init__(self, name):
        self.name, self.sent, self.answers, self.why = name, b'', [], None


def unescape(text):
    text = text.replace('$F', F).replace('$D', D)
    text = re.sub(r'\{([^{}]*)\*(\d+)\}',
                  lambda m: m.group(1) * int(m.group(2)), text)
    plain = {'r': '\r', 'n': '\n', 't': '\t', '0': '\0', '\\': '\\'}
    return re.sub(r'\\(x..|.)', lambda m: plain.get(m.group(1)) or
                  chr(int(m.group(1)[1:], 16)), text).encode('latin-1')


def read_table(path):
    rows = []
    with open(path, encoding='ascii') as f:
        for n, line in enumerate(f, 1):
            line = line.rstrip('\n')
            key, _, text = line.partition(' ')
            if key in ('', '#'):
                continue
            if key == '==':
                rows.append(Row(text))
            elif key == '>':
                rows[-1].sent += unescape(text) + b'\r\n'
            elif key == '>-':
                rows[-1].sent += unescape(text)
            elif key == '<':
                rows[-1].answers.append(Answer(text.split()))
            elif key == '|':
                rows[-1].answers[-1].headers.append(text.split(': ', 1))
            elif key == '!':
                rows[-1].answers[-1].absent.append(text)
            elif key == '=':
                rows[-1].answers[-1].body = text.split()
            elif key == '@':
                rows[-1].why = text
            else:
                sys.exit(f'{path}:{n}: no such line: {line!r}')
    return rows


def connect(port, wait, tls):
    s = socket.create_connection(('127.0.0.1', port), wait)
    s.settimeout(wait)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return TLS.wrap_socket(s) if tls else s


def exchange(port, sent, wait, cuts=(), tls=False):
    """All that comes; and whether the server closed."""
    got = b''
    with connect(port, wait, tls) as s:
        sent += SENTINEL
        try:
            for a, b in zip((0, *cuts), (*cuts, len(sent))):
                s.sendall(sent[a:b])
                time.sleep(0.002 if cuts else 0)
            while True:
                b = s.recv(1 << 16)
                if not b:
                    return got, True
                got += b
        except TimeoutError:
            return got, False
        except OSError as e:
            if not got:
                return got, True
            return got, f'cut off: {e}'


def take_chunks(b):
    body = b''
    while True:
        size, _, b = b.partition(b'\r\n')
        n = int(size, 16)
        if n == 0:
            return body, b[2:]
        body, b = body + b[:n], b[n + 2:]


def take(b, head):
    """One answer off the front: status, headers, body, rest."""
    top, end, rest = b.partition(b'\r\n\r\n')
    if not end:
        raise Wrong(f'no head: {b[:80]!r}')
    lines = top.decode('latin-1').split('\r\n')
    m = re.fullmatch(r'HTTP/1[.][01] (\d{3}) [\x20-\x7e]*', lines[0])
    if not m:
        raise Wrong(f'no status line: {lines[0]!r}')
    status, headers = int(m.group(1)), {}
    for line in lines[1:]:
        name, colon, value = line.partition(':')
        if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
            raise Wrong(f'no header line: {line!r}')
        if name.lower() in headers and name.lower() == 'content-length':
            raise Wrong('two lengths')
        headers[name.lower()] = value.strip()
    if head or status < 200 or status in (204, 304):
        return status, headers, b'', rest
    if headers.get('transfer-encoding', '').lower() == 'chunked':
        body, rest = take_chunks(rest)
    elif 'content-length' in headers:
        n = int(headers['content-length'])
        body, rest = rest[:n], rest[n:]
        if len(body) < n:
            raise Wrong(f'{len(body)} bytes of a body, expected {n}')
    else:
        body, rest = rest, b''
    return status, headers, body, rest


def span(data, text):
    a, b = text.split('-')
    return data[int(a):int(b) + 1]


def expected_body(want, headers, data):
    if want[0] == 'whole':
        return data
    if want[0] != 'parts':
        return span(data, want[0])
    kind, _, boundary = headers.get('content-type', '').partition('boundary=')
    body = ''
    for part in want[1:]:
        body += ('\r\n' if body else '') + f'--{boundary}\r\n' \
            'Content-Type: application/octet-stream\r\n' \
            f'Content-Range: bytes {part}/{len(data)}\r\n\r\n'
        body += span(data, part).decode('latin-1')
    return (body + f'\r\n--{boundary}--\r\n').encode('latin-1')


def check_answer(want, status, headers, body, data):
    if status != want.status:
        raise Wrong(f'{status}, expected {want.status}')
    if 'date' not in headers:
        raise Wrong('no Date')
    for name, value in want.headers:
        found = headers.get(name.lower())
        if found is None:
            raise Wrong(f'no {name}')
        if value.endswith('*') and found.startswith(value[:-1]):
            continue
        if found != value:
            raise Wrong(f'{name}: {found}, expected {value}')
    for name in want.absent:
        if name.lower() in headers:
            raise Wrong(f'{name}: {headers[name.lower()]}, expected none')
    if want.close != ('close' in headers.get('connection', '').lower()):
        raise Wrong(f"Connection: {headers.get('connection')}")
    if want.body and body != expected_body(want.body, headers, data):
        raise Wrong(f'another body of {len(body)} bytes')


def check_row(row, port, data, cuts=(), tls=False):
    got, closed = exchange(port, row.sent, WAIT_S, cuts, tls)
    if closed is not True:
        raise Wrong(f'not closed: {closed or got[-80:]}')
    answers = row.answers
    if not answers[-1].close:
        answers = answers + [Answer(['404', 'close'])]
    for want in answers:
        if not got:
            raise Wrong(f'no answer, expected {want.status}')
        status, headers, body, got = take(got, want.head)
        check_answer(want, status, headers, body, data)
    if got:
        raise Wrong(f'one answer too many: {got[:60]!r}')


def answers_of(row, port):
    """What a peer says, in short."""
    got, closed = exchange(port, row.sent, PEERS_WAIT_S)
    said = []
    heads = [a.head for a in row.answers]
    try:
        while got:
            n = len(said)
            head = n < len(heads) and heads[n]
            status, headers, _, got = take(got, head)
            if head and got and not got.startswith(b'HTTP/'):
                got = got[int(headers.get('content-length', 0)):]
            if status == 100:
                continue
            text = str(status)
            if status == 206:
                text += ' ' + headers.get('content-range', 'parts')
            said.append('refused' if status in REFUSED else text)
    except (Wrong, ValueError):
        said.append('?')
    if not said and closed:
        said.append('refused')
    return tuple(said + ([] if closed else ['waits']))


def compare(row, port, peers):
    ours = answers_of(row, port)
    theirs = {name: answers_of(row, p) for name, p in peers.items()}
    if ours in theirs.values():
        return 'needless reason' if row.why else None
    if row.why:
        return None
    raise Wrong(f'ours {ours}, ' +
                ', '.join(f'{n} {a}' for n, a in theirs.items()))


def check_behind(row, port, data):
    exchange(port, row.sent, PEERS_WAIT_S)
    a = len(row.sent) * 997 % (len(data) - 10)
    ask = f'GET {F} HTTP/1.1\r\nHost: a\r\nRange: bytes={a}-{a + 9}\r\n\r\n'
    got, _ = exchange(port, ask.encode(), WAIT_S)
    status, _, body, got = take(got, False)
    if (status, body) != (206, data[a:a + 10]):
        raise Wrong(f'the next client got {status} {body[:40]!r}')
    if take(got, False)[0] != 404:
        raise Wrong(f'the next client got then {got[:60]!r}')


def main():
    opts, args = getopt.getopt(sys.argv[1:], 's:tb')
    opts = dict(opts)
    cut = args.index('--') if '--' in args else len(args)
    port, file, tables = int(args[0]), args[1], args[2:cut]
    peers = {name: int(p) for name, p in
             (a.split('=') for a in args[cut + 1:])}
    seed, tls, behind = opts.get('-s'), '-t' in opts, '-b' in opts
    with open(file, 'rb') as f:
        data = f.read()
    rows = [r for t in tables for r in read_table(t)]
    if len({r.name for r in rows}) < len(rows):
        sys.exit('two rows have one name')

    def run(row):
        cuts, note = (), None
        try:
            if behind:
                check_behind(row, port, data)
            elif peers:
                note = compare(row, port, peers)
            else:
                check_row(row, port, data, cuts, tls)
            if seed:
                chance = random.Random(seed + row.name)
                cuts = sorted(chance.sample(range(1, len(row.sent) + 9), 4))
                check_row(row, port, data, cuts, tls)
            return f'ok {row.name}' + (f' # {note}' if note else '')
        except (Wrong, OSError, ValueError) as e:
            return f'not ok {row.name}: {e}' + \
                (f' (cut at {cuts}, seed {seed})' if cuts else '')

    with concurrent.futures.ThreadPoolExecutor(1 if behind else 4) as pool:
        for line in pool.map(run, rows):
            print(line.encode('ascii', 'backslashreplace').decode())


if __name__ == '__main__':
    main()

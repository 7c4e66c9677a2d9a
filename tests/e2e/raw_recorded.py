#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""raw_recorded.py PORT FOLDER

FOLDER/*/request.headers as they were recorded; the answer has the status,
the ranges and the headers of response.headers, but for those that say who
answers and when the file came.
"""
import os
import sys

from raw import Wrong, exchange, take

OWN = {'server', 'x-powered-by', 'etag', 'date', 'last-modified'}


def read(*path):
    with open(os.path.join(*path), 'rb') as f:
        return f.read()


def check(port, folder):
    status, want, _, _ = take(read(folder, 'response.headers'), True)
    got, _ = exchange(port, read(folder, 'request.headers'), 20)
    found, headers, body, _ = take(got, False)
    if found != status:
        raise Wrong(f'{found}, expected {status}')
    if len(body) != int(want['content-length']):
        raise Wrong(f"{len(body)} bytes, expected {want['content-length']}")
    for name in sorted((want.keys() | headers.keys()) - OWN):
        if want.get(name) != headers.get(name):
            raise Wrong(f'{name}: {headers.get(name)}, '
                        f'expected {want.get(name)}')
    for name in sorted(OWN - {'server', 'x-powered-by'}):
        if name not in headers:
            raise Wrong(f'no {name}')


for name in sorted(os.listdir(sys.argv[2])):
    try:
        check(int(sys.argv[1]), os.path.join(sys.argv[2], name))
        print(f'ok recorded: {name}')
    except Wrong as e:
        print(f'not ok recorded: {name}: {e}')

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A second reader of transfers, written from wsusferry-transfer(5) alone.

    second_reader.py KEY FOLDER     one medium; exits with the manual's status
    second_reader.py --each         lines KEY TAB FOLDER in, STATUS TAB REASON out

It shares no line with the C reader, so that where both agree the manual says
enough.  KEY is a public key of minisign(1), or - where none is known.  Not read:
cabinets (what the packages say of revisions and payload), and what only a store
knows (replays, forks, an absent base).  A folder is one medium of a transfer.
tests/second.c and tests/e2e/hostile.sh ask it about each case of theirs.
"""
import base64, datetime, hashlib, json, os, re, stat, sys, unicodedata

P = 2**255 - 19  # Ed25519 as in RFC 8032, section 5.1
D = -121665 * pow(121666, P - 2, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493


class Fault(Exception):
    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


def need(so, reason, status=3):
    if not so:
        raise Fault(status, reason)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        q, p, n = add(q, p) if n & 1 else q, add(p, p), n >> 1
    return q


def times_base(n):
    q = (0, 1, 1, 0)
    for p in DOUBLES:
        q, n = add(q, p) if n & 1 else q, n >> 1
    return q


def point(b):
    y = int.from_bytes(b, 'little')
    sign, y = y >> 255, y & (2**255 - 1)
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if x * x % P == x2 else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != x2:
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


DOUBLES = [point((4 * pow(5, P - 2, P) % P).to_bytes(32, 'little'))]
while len(DOUBLES) < 253:  # of the base point
    DOUBLES.append(add(DOUBLES[-1], DOUBLES[-1]))


def signed(key, message, sig):
    a, r, s = point(key), point(sig[:32]), int.from_bytes(sig[32:], 'little')
    if a is None or r is None or s >= ORDER:
        return False
    h = hashlib.sha512(sig[:32] + key + message).digest()
    left = times_base(s)
    right = add(r, times(int.from_bytes(h, 'little') % ORDER, a))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


SHA256, NUM = r'[0-9a-f]{64}', r'(?:0|[1-9][0-9]{0,18})'
GUID = r'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
TAGS, MANIFEST = 'tagmanifest-sha256.txt', 'manifest-sha256.txt'
SIGNATURE = re.compile(re.escape(TAGS) + r'(?:\.([0-9A-F]{16}))?\.minisig')
WHOLE = r'[0-9A-F]{38}([0-9A-F]{2})(?:\.[A-Za-z0-9]{1,8})?'
CONTENT = re.compile(r'data/WsusContent/([0-9A-F]{2})/(%s)' % WHOLE)
PART = re.compile(r'data/parts/(%s)\.part([0-9]{3})' % WHOLE)
CHECK = 'data/WsusContent/anonymousCheckFile.txt'
STATE, PACKAGE = 'data/state.jsonl', 'data/wsusexport'
DEVICE = re.compile(r'(?:con|prn|aux|nul|(?:com|lpt)[0-9])(?:\.|$)', re.I)
LABELS = {  # name: (form, may be left out)
    'Wsusferry-Format': ('1', 0), 'Wsusferry-Requires': (r'[^ ]+(?: [^ ]+)*', 1),
    'Wsusferry-Transfer': ('.*', 0), 'Wsusferry-Origin': (GUID, 0),
    'Wsusferry-Site': ('[a-z0-9-]{1,32}', 0), 'Wsusferry-Sequence': (NUM, 0),
    'Wsusferry-Destination': ('any|' + GUID, 0), 'Wsusferry-Base': (NUM, 0),
    'Wsusferry-Selection': (SHA256, 0), 'Wsusferry-Revisions': (NUM, 0),
    'Wsusferry-Files': (NUM, 0), 'Wsusferry-Absent': (NUM, 0),
    'Wsusferry-Reason': ('.*', 1), 'Wsusferry-Plan': (SHA256, 1),
    'Wsusferry-Packer': ('[ -~]{1,63}', 1),
    'Wsusferry-Created': (r'[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z', 0),
    'Bag-Software-Agent': ('[ -~]{1,63}', 1), 'Payload-Oxum': (NUM + r'\.' + NUM, 0),
    'Bag-Count': (r'[1-9][0-9]{0,3} of [1-9][0-9]{0,3}', 0)}


def number(text):
    need(int(text) < 2**63, text + ': too large a number')
    return int(text)


def safe(name):
    return len(name) <= 255 and name.count('/') < 8 and all(
        re.fullmatch('[A-Za-z0-9._-]+', c) and c[0] != '.' and c[-1] != '.'
        and not DEVICE.match(c) for c in name.split('/'))


def lines_of(data, what):
    need(not data or data.endswith(b'\n'), what + ': no LF at its end')
    try:
        return data.decode('utf-8').split('\n')[:-1]
    except UnicodeDecodeError:
        raise Fault(3, what + ': no UTF-8') from None


def table(data, what, form):
    """Lines of a list, by name: what the form's groups beside it are."""
    rows, last = {}, ''
    for line in lines_of(data, what):
        m = re.fullmatch(form, line)
        need(m and safe(m['name']), '%s: %r' % (what, line))
        need(last < m['name'], '%s: %s is out of order' % (what, m['name']))
        last = m['name']
        rows[last] = m
    return rows


class Transfer:
    def __init__(self, folder, key):
        self.folder, self.key, self.faults, self.sizes = folder, key, [], {}

    def read(self, name, most, status=3):
        """The bytes of a file; faults: absent, no regular file, too long."""
        path = self.folder
        for part in name.split('/'):
            path = os.path.join(path, part)
            need(os.path.lexists(path), name + ': absent', 1 if status == 3 else status)
            need(not os.path.islink(path), name + ': a link', status)
        info = os.lstat(path)
        need(stat.S_ISREG(info.st_mode), name + ': no file', status)
        need(info.st_size <= most, name + ': too long', status)
        with open(path, 'rb') as f:
            return f.read()

    def check(self, name, sha256, most):
        data = self.read(name, most)
        self.sizes[name] = len(data)
        need(hashlib.sha256(data).hexdigest() == sha256, name + ': its digest', 1)
        return data

    def holds(self, name, keyid):
        """Why that signature does not hold; None where it does."""
        form = (rb'untrusted comment: wsusferry transfer signature\n'
                rb'([A-Za-z0-9+/]+=*)\ntrusted comment: ([ -~]{0,1024})\n'
                rb'([A-Za-z0-9+/]+=*)\n')
        m = re.fullmatch(form, self.read(name, 4096, 8))
        need(m, name + ': not a signature in its form', 8)
        raw = [base64.b64decode(m[i] + b'==') for i in (1, 3)]
        need(all(base64.b64encode(r) == m[i] for r, i in zip(raw, (1, 3))),
             name + ': base64', 8)
        need(len(raw[0]) == 74 and len(raw[1]) == 64 and raw[0][:2] == b'ED',
             name + ': lengths', 8)
        need(not keyid or raw[0][9:1:-1].hex().upper() == keyid,
             name + ': signed by another key than its name says', 8)
        if self.key is None:
            return
        need(raw[0][2:10] == self.key[2:10], name + ': by no trusted key', 8)
        need(signed(self.key[10:], hashlib.blake2b(self.tags).digest(), raw[0][10:])
             and signed(self.key[10:], raw[0][10:] + m[2], raw[1]),
             name + ': does not hold', 8)

    def signatures(self):  # step 1
        self.tags = self.read(TAGS, 65536, 8)
        found = [m for m in map(SIGNATURE.fullmatch, os.listdir(self.folder)) if m]
        self.signed_by = {m[0] for m in found}
        need(found, 'unsigned', 8)
        need(len(found) <= 16, 'more than 16 signatures', 8)
        why = []
        for m in sorted(found, key=lambda m: m[0]):
            try:
                self.holds(m[0], m[1])
                break
            except Fault as f:
                why.append(f)
        else:
            raise why[0]
        if self.key is None:
            self.faults.append(Fault(8, 'no key is known: not checked'))

    def tag_files(self):  # steps 2 and 3
        self.tag = table(self.tags, TAGS, '(%s)  (?P<name>.+)' % SHA256)
        for name in map(str.lower, self.tag):
            need(not name.startswith(('data/', 'tagmanifest-')) and
                 name != 'fetch.txt' and
                 (not name.startswith('manifest-') or name == MANIFEST),
                 TAGS + ': ' + name + ' is in it')
        for name in ('bagit.txt', 'bag-info.txt', MANIFEST, 'media.tsv'):
            need(name in self.tag, '%s: %s is not in it' % (TAGS, name))
        text = {}
        for name, m in self.tag.items():
            try:
                big = name in (MANIFEST, 'media.tsv')
                text[name] = self.check(name, m[1], 2**29 if big else 2**20)
            except Fault as f:
                self.faults.append(f)
        if any(n not in text for n in ('bagit.txt', 'bag-info.txt', MANIFEST,
                                       'media.tsv')):
            raise self.faults.pop()
        need(text['bagit.txt'] == b'BagIt-Version: 1.0\n'
             b'Tag-File-Character-Encoding: UTF-8\n', 'bagit.txt')
        self.labels(lines_of(text['bag-info.txt'], 'bag-info.txt'))
        if self.base or 'ledger.tsv' in self.tag:
            need('ledger.tsv' in self.tag, 'no ledger.tsv')
            if 'ledger.tsv' in text:
                self.ledger(lines_of(text['ledger.tsv'], 'ledger.tsv'))
        self.manifest = table(text[MANIFEST], MANIFEST,
                              '(%s)  (?P<name>data/.+)' % SHA256)
        self.media = table(text['media.tsv'], 'media.tsv', '(?P<name>data/[^\t]+)'
                           '\t(%s)\t(%s)\t([1-9][0-9]{0,3})' % (SHA256, NUM))
        if self.of > 1:
            self.faults.append(Fault(9, 'other media are lacking'))

    def labels(self, lines):
        i = {}
        known = {k.lower(): k for k in LABELS}
        for line in lines:
            m = re.fullmatch('([A-Za-z0-9-]{1,64}): (.+)', line, re.S)
            need(m and m[2].strip(' \t') == m[2] and not any(
                unicodedata.category(c) == 'Cc' for c in m[2]), 'bag-info.txt: ' + line)
            name = known.get(m[1].lower())
            if name:
                need(name == m[1] and name not in i, 'bag-info.txt: ' + line)
                i[name] = m[2]
        for name, (form, optional) in LABELS.items():
            need(optional or name in i, 'no label ' + name)
            need(name not in i or re.fullmatch(form, i[name]), name)
        n = {k: number(i['Wsusferry-' + k]) for k in (
            'Sequence', 'Base', 'Revisions', 'Files', 'Absent')}
        self.info, self.n, self.base = i, n, n['Base']
        need(n['Sequence'] >= 1 and n['Base'] < n['Sequence'], 'the numbers')
        need(i['Wsusferry-Transfer'] == '%s-%06d' % (i['Wsusferry-Site'],
             n['Sequence']), 'Wsusferry-Transfer')
        need(len(i.get('Wsusferry-Reason', '').encode()) <= 200, 'Wsusferry-Reason')
        try:
            made = datetime.datetime.strptime(i['Wsusferry-Created'],
                                              '%Y-%m-%dT%H:%M:%SZ')
        except ValueError:
            raise Fault(3, 'Wsusferry-Created') from None
        need(made.year >= 1970, 'Wsusferry-Created')
        self.medium, self.of = map(int, i['Bag-Count'].split(' of '))
        need(self.medium <= self.of, 'Bag-Count')
        words = i.get('Wsusferry-Requires', '').split()
        need(len(words) == len(set(words)), 'Wsusferry-Requires: twice')
        for word in words:
            need(word in ('base', 'media', 'parts', 'with'), 'Wsusferry-Requires: ' + word)
        need(('base' in words) == (self.base != 0), 'the word base')
        need(('media' in words) == (self.of > 1), 'the word media')
        self.words = words

    def ledger(self, lines):
        need(len(lines) <= 10000, 'ledger.tsv: too many lines')
        last, there = 0, set()
        for line in lines:
            m = re.fullmatch('(%s)\t%s\t(?:written|resumed)' % (NUM, SHA256), line)
            need(m, 'ledger.tsv: ' + line)
            need(last < number(m[1]) < self.n['Sequence'], 'ledger.tsv: ' + line)
            last = int(m[1])
            there.add(last)
        need(self.base == 0 or self.base in there, 'ledger.tsv: no line of the base')

    def tree(self):  # step 4
        declared = {TAGS} | self.signed_by | set(self.tag) | set(self.manifest)
        folders = {n[:i] for n in declared for i, c in enumerate(n) if c == '/'}
        seen = {}
        for name in declared | folders | set(self.media):
            for end in [i for i, c in enumerate(name) if c == '/'] + [len(name)]:
                old = seen.setdefault(name[:end].lower(), name[:end])
                need(old == name[:end], '%s and %s are one name' % (old, name[:end]))
        for at, dirs, files in os.walk(self.folder):
            for name in sorted(dirs + files):
                path = os.path.join(at, name)
                name = os.path.relpath(path, self.folder)
                mode = os.lstat(path).st_mode
                good = (name in declared and stat.S_ISREG(mode)
                        or name in folders and stat.S_ISDIR(mode))
                if not good:
                    self.faults.append(Fault(3, name + ': undeclared, or no file'))

    def lists(self):
        for name, m in self.manifest.items():
            row = self.media.get(name)
            need(row and row[2] == m[1], 'media.tsv: ' + name)
            need(int(row[4]) == self.medium, 'media.tsv: medium of ' + name)
        whole, cut, packages, with_ = {}, {}, 0, set()
        for name, row in self.media.items():
            medium, size = int(row[4]), number(row[3])
            need(medium <= self.of, 'media.tsv: medium of ' + name)
            need(medium != self.medium or name in self.manifest, 'not in manifest: ' + name)
            in_content = name.startswith('data/WsusContent/') and name != CHECK
            need(not name.startswith('data/origins/'), name)
            own = name.startswith('data/with/')
            need(not own or 'with' in self.words and name.count('/') > 2, name)
            with_.update(name.split('/')[2:3] if own else ())
            if name == CHECK:
                need(size == 0, name + ' is not empty')
            elif in_content:
                m = CONTENT.fullmatch(name)
                need(m and m[1] == m[3], name + ': expected XX/SHA1.ext')
                need(m[2][:40] not in whole, name + ': a second extension')
                whole[m[2][:40]] = m[2]
            elif name.startswith('data/parts/'):
                m = PART.fullmatch(name)
                need(m and 'parts' in self.words and size > 0, name)
                cut.setdefault(m[1], []).append(int(m[3]))
            elif name.startswith(PACKAGE):
                packages += 1
            need(in_content or own or name.startswith('data/parts/') or medium == self.of,
                 name + ' is not on the last medium')
        need(len(with_) <= 64 and bool(with_) == ('with' in self.words), 'data/with/')
        for name, found in cut.items():
            need(found == list(range(1, len(found) + 1)) and len(found) > 1 and
                 name[:40] not in whole, 'parts of ' + name)
        for n in range(1, max(packages, 1) + 1):
            name = PACKAGE + ('.cab' if n == 1 else '-%d.cab' % n)
            need(name in self.media, name + ' is not there')
        self.whole, self.cut = whole, cut
        need(len(whole) + len(cut) == self.n['Files'], 'Wsusferry-Files')
        own = [number(r[3]) for r in self.media.values() if int(r[4]) == self.medium]
        need(self.info['Payload-Oxum'] == '%d.%d' % (sum(own), len(own)), 'Payload-Oxum')

    def payload(self):  # steps 6 and 7, without the packages
        for name, m in self.manifest.items():
            try:
                data = self.check(name, m[1], 2**29 if name == STATE else 2**40)
                need(len(data) == int(self.media[name][3]), name + ': its size', 1)
                if name.startswith('data/WsusContent/') and name != CHECK:
                    sha1 = hashlib.sha1(data).hexdigest().upper()
                    need(name.split('/')[3][:40] == sha1, name + ': its SHA-1', 1)
                if name == STATE:
                    self.state(data)
            except Fault as f:
                self.faults.append(f)
        if self.medium == self.of:
            need(('parts' in self.words) == bool(self.cut), 'the word parts')
        if STATE not in self.media:
            need(self.n['Absent'] == 0 and not self.cut, 'no state.jsonl')

    def state(self, data):
        absent, cut, url, wanted = set(), {}, False, False
        for number_, line in enumerate(lines_of(data, STATE), 1):
            o = State(line, '%s: line %d' % (STATE, number_)).members()
            t = o['t']
            if t == 'absent':
                need(o['sha1'] not in absent and o['sha1'] not in self.whole and
                     o['sha1'] not in {c[:40] for c in self.cut},
                     'absent, and carried or twice: ' + o['sha1'])
                absent.add(o['sha1'])
                wanted |= 'wanted' not in o
            elif t == 'url':
                url = True
            elif t == 'file':
                need(not url, STATE + ': file behind a url')
            elif t == 'parts':
                need('parts' in self.words, STATE + ": 'parts' without its word")
                sizes = [int(self.media[n][3]) for n in self.media
                         if n.startswith('data/parts/%s.part' % o['name'][20:])]
                need(o['name'][20:] in self.cut and o['size'] == sum(sizes) and o['name'][20:] not in cut and
                     o['name'] == 'data/WsusContent/%s/%s' % (
                         o['sha1'][38:], o['name'][20:]) and
                     o['parts'] == len(self.cut[o['name'][20:]]), 'parts of ' + o['name'])
                cut[o['name'][20:]] = o
        need(len(absent) == self.n['Absent'], 'Wsusferry-Absent')
        need(set(cut) == set(self.cut), STATE + ': a cut file without its line')
        for name, o in cut.items():
            self.joined(name, o)
        if wanted:
            self.faults.append(Fault(10, 'payload that nobody has'))

    def joined(self, name, o):
        names = ['data/parts/%s.part%03d' % (name, n + 1) for n in range(o['parts'])]
        if not all(n in self.manifest for n in names):
            return  # on other media
        data = b''.join(self.read(n, 2**40) for n in names)
        need(hashlib.sha256(data).hexdigest() == o['sha256'] and
             hashlib.sha1(data).hexdigest().upper() == o['sha1'], name + ': joined, its digest', 1)

    def status(self):
        try:
            self.signatures()
            self.tag_files()
            self.tree()
            self.lists()
            self.payload()
        except Fault as f:
            self.faults.append(f)
        except UnicodeDecodeError:
            self.faults.append(Fault(3, 'a name that is no text'))
        for status in (8, 9, 3, 1, 10):  # wsusferry(7)
            for f in self.faults:
                if f.status == status:
                    return status, str(f)
        return 0, 'good, but for the packages, which are not read'


class State:
    """One line of state.jsonl, as strict as wsusferry-formats(5)."""
    SHA1 = r'[0-9A-F]{40}'
    FORMS = {  # t: members needed, members that may be there
        'absent': ({'sha1': SHA1, 'name': 2047}, {'size': int, 'wanted': False}),
        'file': ({'sha1': SHA1, 'name': 2047, 'id': GUID, 'revision': int}, {}),
        'parts': ({'sha1': SHA1, 'name': 2047, 'sha256': SHA256, 'size': int,
                   'parts': int}, {}),
        'url': ({'sha1': SHA1, 'url': 2047}, {}),
        'approval': ({}, {'id': GUID, 'revision': int, 'action': 63, 'group': GUID,
                          'deadline': 63, 'name': 2047,
                          'assigned': False}),
        'withdrawn': ({'id': GUID, 'revision': int}, {})}

    def __init__(self, line, where):
        self.line, self.where = line, where

    def pairs(self, pairs):
        self.last = pairs  # the outermost object is the last one that ends
        return dict(pairs)

    def texts(self, o, deep=1):
        need(deep <= 16, self.where + ': too deep')
        if isinstance(o, (list, dict)):
            for x in (list(o) + list(o.values())) if isinstance(o, dict) else o:
                self.texts(x, deep + isinstance(x, (list, dict)))
        if isinstance(o, str):
            need('\0' not in o and not re.search('[\ud800-\udfff]', o), self.where)

    def members(self):
        def no(word):
            raise ValueError(word)
        need(len(self.line.encode()) < 65536 and '\r' not in self.line, self.where)
        try:
            o = json.loads(self.line, object_pairs_hook=self.pairs, parse_constant=no)
        except (ValueError, RecursionError):
            raise Fault(3, self.where + ': no JSON') from None
        need(isinstance(o, dict), self.where + ': no object')
        self.texts(o)
        need(isinstance(o.get('t'), str) and len(o['t'].encode()) <= 31, self.where)
        needed, others = self.FORMS.get(o['t'], ({}, {}))
        keys = [k for k, _ in self.last]
        for k, form in {'t': 31, **needed, **others}.items():
            need(keys.count(k) == 1 or k in others and k not in keys,
                 self.where + ': ' + k)
            if k in keys:
                need(self.value(o[k], form), self.where + ': ' + k)
        return o

    @staticmethod
    def value(v, form):
        if form is False:
            return v is False
        if form is int:
            return type(v) is int and 0 <= v < 2**63
        if not isinstance(v, str):
            return False
        return (len(v.encode()) <= form if isinstance(form, int) else
                re.fullmatch(form, v) is not None)


def judge(key, folder):
    if key != '-':
        with open(key, 'rb') as f:
            key = base64.b64decode(f.read().splitlines()[1])
    return Transfer(folder, None if key == '-' else key).status()


if __name__ == '__main__':
    if sys.argv[1] != '--each':
        found = judge(sys.argv[1], sys.argv[2])
        print(*found)
        sys.exit(found[0])
    for request in sys.stdin:
        status, why = judge(*request.rstrip('\n').split('\t'))
        print('%d\t%s' % (status, ascii(why)), flush=True)

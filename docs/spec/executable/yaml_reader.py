# SPDX-License-Identifier: Apache-2.0
"""YAML as frontmatter is read (FM-6 to FM-14): PyYAML's events, corrected where the reference
differs, and nodes that keep a scalar's text."""

import re

import yaml
from yaml import events, tokens
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner, ScannerError

from text import INVALID_MANIFEST, Refused

MAX_DEPTH = 10_000  # FM-12
BREAKS = '\r\n\x85\u2028\u2029'  # FM-11
BLANK_OR_END = '\0 \t' + BREAKS


def refuse(why):
    raise Refused(INVALID_MANIFEST, why)


class Node:
    """A scalar, sequence, mapping or alias. A mapping's items are keys and values in turn."""

    __slots__ = ('kind', 'tag', 'text', 'is_plain', 'items', 'anchor', 'target')

    def __init__(self, kind, tag=None, text=None, is_plain=False, anchor=None, target=None):
        self.kind, self.tag, self.text, self.is_plain = kind, tag, text, is_plain
        self.items, self.anchor, self.target = [], anchor, target

    def followed(self):
        """The node itself, or what it is an alias of."""
        return self.target if self.kind == 'alias' else self


def read(data):
    """The first document's root; None where there is none. What follows it is not looked at (FM-6)."""
    try:
        return _root(_Events(data))
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        refuse('YAML: ' + str(error).replace('\n', ' '))


def _root(source):
    anchors, open_ones = {}, []
    while True:
        event = source.get_event()
        if isinstance(event, (events.StreamStartEvent, events.DocumentStartEvent)):
            continue
        if isinstance(event, events.StreamEndEvent):
            return None
        if isinstance(event, (events.SequenceEndEvent, events.MappingEndEvent)):
            node = open_ones.pop()
        elif isinstance(event, events.AliasEvent):
            if event.anchor not in anchors:  # FM-14
                refuse('an unknown anchor')
            node = Node('alias', anchor=event.anchor, target=anchors[event.anchor])
        else:
            if isinstance(event, events.ScalarEvent):
                node = Node('scalar', event.tag, event.value, event.style in (None, ''))
            else:
                is_sequence = isinstance(event, events.SequenceStartEvent)
                node = Node('sequence' if is_sequence else 'mapping', event.tag)
            if event.anchor is not None:
                anchors[event.anchor] = node
            if node.kind != 'scalar':
                open_ones.append(node)
                continue
        if not open_ones:
            return node
        open_ones[-1].items.append(node)


class _Events(Reader, Scanner, Parser):
    # FM-9: `\'` is one, `\/` is none.
    ESCAPE_REPLACEMENTS = {
        **{key: text for key, text in Scanner.ESCAPE_REPLACEMENTS.items() if key != '/'}, "'": "'"}

    def __init__(self, data):
        Reader.__init__(self, data)
        Scanner.__init__(self)
        Parser.__init__(self)

    def fail(self, what, start=None):
        raise ScannerError(what, start, 'refused', self.get_mark())

    def scan_to_next_token(self):
        if self.index == 0 and self.peek() == '\ufeff':  # FM-10
            self.forward()
        while True:
            while self.peek() == ' ' or (
                    self.peek() == '\t' and (self.flow_level or not self.allow_simple_key)):
                self.forward()
            if self.peek() == '#':
                while self.peek() not in '\0' + BREAKS:
                    self.forward()
            if not self.scan_line_break():
                return
            if not self.flow_level:
                self.allow_simple_key = True

    def scan_plain(self):
        """A plain scalar; in flow context a `?` ends it (FM-7), a `:` only before a blank (FM-8)."""
        chunks, start, indent = [], self.get_mark(), self.indent + 1
        end, spaces, is_folding, first_break, more_breaks = start, '', False, '', ''
        while True:
            is_document_mark = self.prefix(3) in ('---', '...') and self.peek(3) in BLANK_OR_END
            if self.column == 0 and is_document_mark or self.peek() == '#':
                break
            length = 0
            while not self.ends_plain(length):
                length += 1
            if length:
                if is_folding:
                    folded = more_breaks or ' '
                    chunks.append(folded if first_break == '\n' else first_break + more_breaks)
                    is_folding, first_break, more_breaks = False, '', ''
                chunks += [spaces, self.prefix(length)]
                spaces = ''
                self.forward(length)
                end = self.get_mark()
                self.allow_simple_key = False
            if self.peek() not in ' \t' + BREAKS:
                break
            while self.peek() in ' \t' + BREAKS:
                if self.peek() in ' \t':
                    if is_folding and self.column < indent and self.peek() == '\t':
                        self.fail('a TAB as indentation', start)
                    if not is_folding:
                        spaces += self.peek()
                    self.forward()
                elif is_folding:
                    more_breaks += self.scan_line_break()
                else:
                    spaces, is_folding, first_break = '', True, self.scan_line_break()
            if not self.flow_level and self.column < indent:
                break
        if is_folding:
            self.allow_simple_key = True
        return tokens.ScalarToken(''.join(chunks), True, start, end)

    def ends_plain(self, ahead):
        char = self.peek(ahead)
        is_colon = char == ':' and self.peek(ahead + 1) in BLANK_OR_END
        return char in BLANK_OR_END or is_colon or bool(self.flow_level) and char in ',?[]{}'

    def scan_flow_scalar_non_spaces(self, double, start):
        if not (double and self.peek() == '\\' and self.peek(1) in 'xuU'):
            return Scanner.scan_flow_scalar_non_spaces(self, double, start)
        length = {'x': 2, 'u': 4, 'U': 8}[self.peek(1)]
        digits = self.prefix(length + 2)[2:]
        is_number = re.fullmatch('[0-9A-Fa-f]{%d}' % length, digits)
        if not is_number or 0xD800 <= int(digits, 16) < 0xE000 or int(digits, 16) > 0x10FFFF:
            self.fail('no such character', start)  # FM-9
        self.forward(length + 2)
        return [chr(int(digits, 16))]

    def scan_block_scalar_indentation(self):
        chunks, widest, end = [], 0, self.get_mark()
        while self.peek() in ' ' + BREAKS:
            if self.peek() == ' ':
                self.forward()
                widest = max(widest, self.column)
            else:
                chunks.append(self.scan_line_break())
                end = self.get_mark()
        if self.peek() == '\t' and self.column < max(self.indent + 1, 1):
            self.fail('a TAB as indentation', end)  # FM-12
        return chunks, widest, end

    def scan_block_scalar_breaks(self, indent):
        chunks, end = [], self.get_mark()
        while True:
            while self.column < indent and self.peek() == ' ':
                self.forward()
            if self.column < indent and self.peek() == '\t':
                self.fail('a TAB as indentation', end)  # FM-12
            if self.peek() not in BREAKS:
                return chunks, end
            chunks.append(self.scan_line_break())
            end = self.get_mark()

    def scan_directive(self):
        if self.prefix(6) != '%YAML ':  # FM-13
            self.fail('a directive')
        return Scanner.scan_directive(self)

    def scan_tag(self):
        """A tag; a comma is an ordinary character of it, also in flow context (FM-12)."""
        start = self.get_mark()
        if self.peek(1) == '<':
            handle = None
            self.forward(2)
            suffix = self.scan_tag_uri('tag', start)
            if self.peek() != '>':
                self.fail('a tag', start)
            self.forward()
        elif self.peek(1) in BLANK_OR_END:
            handle, suffix = None, '!'
            self.forward()
        else:
            length = 1
            while self.peek(length) not in BLANK_OR_END + '!':
                length += 1
            if self.peek(length) == '!':
                handle = self.scan_tag_handle('tag', start)
            else:
                handle = '!'
                self.forward()
            suffix = self.scan_tag_uri('tag', start)
        if self.peek() not in BLANK_OR_END:
            self.fail('a tag', start)
        return tokens.TagToken((handle, suffix), start, self.get_mark())

    def fetch_flow_collection_start(self, token):
        if self.flow_level >= MAX_DEPTH:
            self.fail('nested too deep')
        Scanner.fetch_flow_collection_start(self, token)

    def add_indent(self, column):
        if len(self.indents) > MAX_DEPTH:
            self.fail('nested too deep')
        return Scanner.add_indent(self, column)

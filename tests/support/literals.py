"""PostgreSQL's text forms taken apart: arrays, composites, ranges, hstore. Written for the tests alone: it shares
nothing with the product, so that one misreading cannot hide in both. Manual: "Array Input and Output Syntax",
"Composite Type Input and Output Syntax", "Range Input/Output"."""


class _Reader:
    def __init__(self, text):
        self.text = text
        self.at = 0

    def peek(self):
        return self.text[self.at] if self.at < len(self.text) else ""

    def take(self, expected=None):
        char = self.peek()
        if expected is not None and char != expected:
            raise ValueError(f"expected {expected!r} at {self.at} of {self.text!r}")
        self.at += 1
        return char

    def quoted(self):
        """From an opening quote to its closing one; \\x is x, and a doubled quote is one."""
        out = []
        self.take('"')
        while True:
            char = self.take()
            if char == "":
                raise ValueError(f"unterminated quote in {self.text!r}")
            if char == "\\":
                out.append(self.take())
            elif char != '"':
                out.append(char)
            elif self.peek() == '"':
                out.append(self.take())
            else:
                return "".join(out)

    def plain(self, stop):
        start = self.at
        while self.peek() not in stop and self.peek() != "":
            self.at += 1
        return self.text[start:self.at]


def array(text, delimiter=","):
    """Nested lists of texts and None."""
    if text.startswith("["):  # lower bounds: [2:3][0:1]={{...}}
        text = text[text.index("=") + 1:]
    reader = _Reader(text)
    result = _array(reader, delimiter)
    if reader.peek():
        raise ValueError(f"text after the array: {text!r}")
    return result


def _array(reader, delimiter):
    items = []
    reader.take("{")
    while reader.peek() != "}":
        if reader.peek() == "{":
            items.append(_array(reader, delimiter))
        elif reader.peek() == '"':
            items.append(reader.quoted())
        else:
            word = reader.plain(delimiter + "}")
            items.append(None if word.upper() == "NULL" else word)
        if reader.peek() == delimiter:
            reader.take()
    reader.take("}")
    return items


def _record_field(reader, stop):
    """One field of a composite or bound of a range: quoted and plain parts may follow each other; nothing is None."""
    if reader.peek() in stop:
        return None
    out = ""
    while reader.peek() not in stop:
        if reader.peek() == '"':
            out += reader.quoted()
        elif reader.peek() == "\\":
            reader.take()
            out += reader.take()
        else:
            out += reader.take()
    return out


def composite(text):
    reader = _Reader(text)
    reader.take("(")
    fields = [_record_field(reader, ",)")]
    while reader.peek() == ",":
        reader.take()
        fields.append(_record_field(reader, ",)"))
    reader.take(")")
    return fields


def value_range(text):
    """None for empty, else (lower or None, upper or None, lower inclusive, upper inclusive)."""
    if text == "empty":
        return None
    reader = _Reader(text)
    return _range(reader)


def _range(reader):
    opening = reader.take()
    lower = _record_field(reader, ",")
    reader.take(",")
    upper = _record_field(reader, ")]")
    closing = reader.take()
    return lower, upper, opening == "[", closing == "]"


def multirange(text):
    reader = _Reader(text)
    reader.take("{")
    ranges = []
    while reader.peek() != "}":
        ranges.append(_range(reader))
        if reader.peek() == ",":
            reader.take()
    return ranges


def hstore(text):
    reader = _Reader(text)
    pairs = {}
    while reader.peek():
        key = reader.quoted()
        reader.take("=")
        reader.take(">")
        pairs[key] = reader.quoted() if reader.peek() == '"' else (reader.plain(","), None)[1]
        if reader.peek() == ",":
            reader.take()
            reader.take(" ")
    return pairs

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Shows Doxygen a header as people read it:  filter.py HEADER

- A comment right above a declaration documents it, and those that follow without an empty line between if they are alike: overloads of the
  same function, types of one line, and variables.
- A comment after a declaration, on its line, documents it.
- The comment at the top of a header documents the file, and what is declared in it without a comment of its own on the outermost level.
- Members that mean the same in every class are documented here, by name.
"""
import re
import sys

members = {
    "name": "The name of the network or checkpoint, as load_any takes it and errors say it.",
    "preprocessing": "How images are prepared.",
    "authors_preprocessing": "How its authors prepare images, where timm does it in another way: AsAuthors.",
    "checkpoint": "The published file.",
    "pyramid": "The names of the maps that detection and segmentation use.",
    "input": "The shape that it takes.",
    "output": "The shape that it gives.",
    "output_shape": "The shape that it gives for an input of a shape.",
    "parameter_count": "Learnable values; those that blocks share are counted once.",
    "macs": "Multiply-accumulates of one image; 0 where the size of images is not fixed.",
    "macs_at": "Multiply-accumulates of one image of a shape.",
    "Body": "The layers in sequence.",
    "Bound": "The layers, each bound to the shape that it takes.",
    "Changed": "The changed network, without what N says besides its layers.",
    "network": "The type of the network.",
    "classes": "The number of classes.",
    "begin": "The first element.",
    "end": "The end, after the last element.",
    "data": "Where the values begin.",
    "size": "The number of elements.",
    "shape": "The actual shape.",
    "operator==": "Whether both are equal.",
    "operator=": "Takes the place of what was there.",
    "apply": "The function of one value.",
    "stem": "How the image becomes tokens.",
    "qkv_bias": "Whether queries, keys and values have a bias.",
    "epsilon": "Added to the variance.",
    "key": "The name in a checkpoint.",
    "parameter": "The parameter.",
    "seed": "Of what is drawn at random.",
}
path = sys.argv[1]
lines = open(path, encoding="utf-8").read().split("\n")
comment_line = re.compile(r"^\s*//(?!-) ?(.*)$")


def escaped(text):
    """Doxygen's own signs mean nothing in our comments. Lines that begin with four blanks are code."""
    if text.startswith("    "):
        return text
    return re.sub(r"([\\@<>#&%]|::)", r"\\\1", text)


def documentation(texts):
    return "/**\n" + "\n".join(escaped(text) for text in texts) + "\n*/"


def declared(code):
    """The name that a line declares, and whether it is a function."""
    code = re.sub(r"^template <.*?> ?(?=[\w\[])", "", code)
    code = re.sub(r"^requires\(.*?\)+ ", "", code)
    alias = re.match(r"(?:struct|class|concept|using) (\w+)", code)
    if alias:
        return alias.group(1), False
    function = re.match(r"(?:[^=({]*[\s*&])?(operator\W+?|~?\w+)\(", code)
    if function:
        return function.group(1), True
    variable = re.match(r"[^=({;]*?(\w+)(?:\[\w*\])? ?[=;{,]", code)
    return (variable.group(1) if variable else ""), False


def one_line_members(line):
    """The members of a type that is written in one line."""
    return re.sub(r"(?<=[{;] )(static constexpr [\w:]+ (\w+))(?= ?[={])", lambda m: f"/** {members.get(m[2], '')} */ {m[1]}", line)


out = []
header = group = group_name = outermost = None
depth = group_depth = 0
ended = True  # the last statement
at = 0


def each_declared(line):
    """`float low, high;` as two declarations, so that both have the comment above."""
    plain = line
    while re.search(r"\{[^{}]*\}", plain):
        plain = re.sub(r"\{[^{}]*\}", "", plain)
    found = re.match(r"^(\s*(?:static |constexpr )*[\w:<>]+) (\w+[^,;(<]*(?:, \w+[^,;(<]*)+);(.*)$", plain)
    if not found or found.group(1).strip() in ("return", "using"):
        return [line]
    return [f"{found.group(1)} {declarator.strip()};{found.group(3)}" for declarator in found.group(2).split(",")]


def show(line, own_comment):
    """A line of code, with the documentation that it has from elsewhere."""
    global depth, outermost, ended, group, group_name, group_depth
    code = re.sub(r"//.*|\"(\\.|[^\"\\])*\"|'(\\.|[^'\\])+'", "", line).strip()
    change = sum(code.count(c) for c in "({[") - sum(code.count(c) for c in ")}]")
    begins = ended and not re.match(r"[})#]|namespace|inline namespace|public:|private:|protected:|static_assert|template <>|(class|struct) \w+;", code)
    if begins and code:
        name, function = declared(code if not code.startswith("template") else code + " " + lines[at + 1].strip())
        kind = name if function else "type" if re.match(r"(struct|using) ", code) else "variable"
        trailing = re.match(r"^(\s*[^\"]*?[;,}]\s*)// (.*)$", line)
        if own_comment:
            group, group_name, group_depth = own_comment, kind, depth
        elif trailing:
            line = f"{trailing.group(1)}///< {escaped(trailing.group(2))}"
        elif group and kind == group_name and depth == group_depth:
            out.append(group)
        elif outermost is not None and depth > outermost and name in members:
            out.append(documentation([members[name]]))
        elif header and depth == outermost:
            out.append(documentation(header))
    if re.match(r"#define \w+", code) and header and not own_comment:
        out.append(documentation(header))
    parts = each_declared(line) if begins else [line]
    for part in parts:
        if len(parts) > 1 and part is not parts[0] and out[-2].endswith("*/"):
            out.append(out[-2])
        out.append(one_line_members(part))
    depth += change
    if code.startswith("namespace tessera {"):
        outermost = depth
    if re.match(r"#|(public|private|protected):", code):
        group, ended = None, True
    elif code:
        ended = code.endswith((";", "}", "{")) or (outermost is not None and code.endswith(",") and not re.search(r"[(<]", code))
    else:
        group = None


while at < len(lines):
    end = at
    while end < len(lines) and comment_line.match(lines[end]) and "SPDX" not in lines[end]:
        end += 1
    if end == at:
        show(lines[at], None)
        at += 1
        continue
    texts = [comment_line.match(text).group(1) for text in lines[at:end]]
    following = lines[end].strip() if end < len(lines) else ""
    at = end
    if header is None and outermost is None and (not following or following.startswith("#")):
        header = texts
        out.append("/**\n\\file\n\n" + "\n".join(escaped(text) for text in texts) + "\n*/")
    elif ended and following and not following.startswith("#"):
        out.append(documentation(texts))
        show(lines[at], documentation(texts))
        at += 1
text = "\n".join(out)
# What the standard library wants to know about our types is no part of the reference.
print(re.sub(r"^template <[^\n]*>\nstruct std::.*?(};|{};)$|^template <[^\n]*>\nstruct std::[^\n]*;$", "", text, flags=re.MULTILINE | re.DOTALL))

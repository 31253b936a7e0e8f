#!/usr/bin/env python3
"""Writes a C++ header that holds text files as constants: embed.py OUT NAMESPACE FILE...

admit.lua becomes kAdmitLua. A file longer than a compiler's string limit is written in pieces.
"""
import os
import re
import sys


def constant(path):
    words = re.split(r"[^A-Za-z0-9]+", os.path.basename(path))
    return "k" + "".join(w[:1].upper() + w[1:] for w in words if w)


def literal(text):
    pieces = [text[i:i + 8000] for i in range(0, len(text), 8000)] or [""]
    return "\n".join('R"embed~(' + piece + ')embed~"' for piece in pieces)


def main(out, namespace, files):
    os.makedirs(os.path.dirname(out), exist_ok=True)
    lines = ["#pragma once", "#include <string_view>", "", "namespace " + namespace + " {"]
    for path in files:
        with open(path, encoding="utf-8") as source:
            lines.append("inline constexpr std::string_view " + constant(path) + " =\n" + literal(source.read()) + ";")
    lines.append("}")
    with open(out, "w", encoding="utf-8") as target:
        target.write("\n".join(lines) + "\n")


main(sys.argv[1], sys.argv[2], sys.argv[3:])

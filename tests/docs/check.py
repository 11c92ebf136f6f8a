#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the code blocks of a documentation page true:  check.py PAGE [COMPILER]

cpp      compiles. A block with main() is a program and compiles alone; any other is put into a namespace, with every header of the library.
         A line before the block may say more, in a comment of HTML that readers do not see:
             <!-- in f(const char* path) -->    it is the body of a function with these parameters
             <!-- with using Network = tessera::ResMlpS12; -->    this comes first; also after "in"
             <!-- file first.cpp -->            it is saved under that name, for the commands of the page
console  runs, and prints what the page says. Commands follow "$ ". They run in a folder where `tessera` is this repository and the page's
         files are. Compilers are asked for -O1 instead of -O3. docs/tools.md has a test of its own.
sh       is shell, and names files of the repository that exist.
         Options TESSERA_... and targets tessera::... exist, in these and in cmake blocks. So do the files that links lead to.
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parents[2]
page = pathlib.Path(sys.argv[1]).resolve()
compiler = shutil.which(sys.argv[2] if len(sys.argv) > 2 else "g++")
text = page.read_text()
flags = ["-std=c++20", f"-I{root}/include", "-isystem", "/usr/include/eigen3", "-fsyntax-only"]
prelude = """#include <fstream>
#include <iostream>
#include <ranges>
#include <tessera/layers/describe.hpp>
#include <tessera/load_any.hpp>
#include <tessera/save.hpp>
#include <tessera/tessera.hpp>
#include <tessera/threads/thread_pool_workers.hpp>
#include <tessera/vision/planar.hpp>
"""
failures = []


def blocks():
    """(number of the line before the code, language, comment, code)"""
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        if lines[at].startswith("```") and lines[at] != "```":
            end = lines.index("```", at + 1)
            comment = re.fullmatch(r"<!-- (.*) -->", lines[at - 1]) if at else None
            yield at + 1, lines[at][3:], comment.group(1) if comment else "", "\n".join(lines[at + 1 : end]) + "\n"
            at = end
        at += 1


def fail(line, message):
    failures.append(f"{page.relative_to(root)}:{line}: {message}")


def compile_source(source, line):
    done = subprocess.run([compiler, *flags, "-x", "c++", "-"], input=source, capture_output=True, text=True)
    if done.returncode:
        fail(line, "the code does not compile\n" + "\n".join(re.findall(r".*error.*", done.stderr)[:10] or [done.stderr]))


def run_commands(transcript, line, folder):
    # The compiler that commands call by name.
    (folder / "bin").mkdir(exist_ok=True)
    shim = folder / "bin" / "g++"
    shim.write_text(f'#!/bin/sh\nfor a; do shift; [ "$a" = -O3 ] && a=-O1; set -- "$@" "$a"; done\nexec {shlex.quote(compiler)} "$@"\n')
    shim.chmod(0o755)
    environment = dict(os.environ, PATH=f"{folder}/bin:{os.environ['PATH']}", LC_ALL="C.UTF-8")
    found = ""
    for command in re.findall(r"^\$ (.*)$", transcript, re.MULTILINE):
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        found += f"$ {command}\n{done.stdout}"
    if found != transcript:
        fail(line, f"expected\n{transcript}found\n{found}")


def check_names(code, line):
    """Files of the repository, options and targets."""
    cmake = (root / "CMakeLists.txt").read_text() + (root / "tests/CMakeLists.txt").read_text()
    for name in re.findall(r"(?<![\w/.-])(?:tessera/)?((?:examples|tests|bench|docs)/[\w./-]+)", code):
        if not (root / name).exists():
            fail(line, f"there is no {name}")
    for name in re.findall(r"\bTESSERA_[A-Z0-9_]+", code):
        if name not in cmake:
            fail(line, f"there is no option {name}")
    for name in re.findall(r"\btessera::(\w+)", code):
        if not re.search(rf"tessera::{name}\b|foreach\(component[^)]*\b{name}\b", cmake):
            fail(line, f"there is no target tessera::{name}")


def check_blocks(folder):
    fragments, first_fragment = "", 0
    for line, language, comment, code in blocks():
        place = f'#line {line + 1} "{page.name}"\n'
        kind, _, rest = comment.partition(" ")
        if language == "cpp":
            if kind == "file":
                (folder / rest).write_text(code)
            elif "int main(" in code:
                compile_source(place + code, line)
            else:
                includes = "".join(re.findall(r"^#include .*\n", code, re.MULTILINE))
                code = re.sub(r"^#include .*$", "", code, flags=re.MULTILINE)
                function, _, before = (rest if kind == "in" else f" with {rest}" if kind == "with" else "").partition(" with ")
                before, after = (f"void {function} {{\n{before}\n", "}\n") if function else (f"{before}\n", "")
                fragments += f"{includes}namespace line_{line} {{\n{before}{place}{code}{after}}}\n"
                first_fragment = first_fragment or line
        elif language == "console" and page.name != "tools.md":
            run_commands(code, line, folder)
        elif language == "sh":
            done = subprocess.run(["bash", "-n"], input=code, capture_output=True, text=True)
            if done.returncode:
                fail(line, done.stderr)
        if language in ("sh", "cmake"):
            check_names(code, line)
    if fragments:
        compile_source(prelude + fragments, first_fragment)


def check_links():
    outside_code = re.sub(r"^```.*?^```$", lambda block: "\n" * block.group().count("\n"), text, flags=re.MULTILINE | re.DOTALL)
    for match in re.finditer(r"\]\(([^)\s]+)\)", outside_code):
        target = match.group(1).partition("#")[0]
        if target and "://" not in target and not (page.parent / target).exists():
            fail(outside_code.count("\n", 0, match.start()) + 1, f"there is no {target}")


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "tessera").symlink_to(root)
    check_blocks(folder)
check_links()
print("\n".join(failures))
sys.exit(1 if failures else 0)

# SPDX-License-Identifier: Apache-2.0
"""Markdown as GitHub reads it, made into what Python-Markdown reads alike."""
import re

FENCE = re.compile(r"^( *)(`{3,}|~{3,})(.*)$")
ITEM = re.compile(r"( *)((?:[-*+]|\d{1,9}[.)]) +)(?=\S)")
SPAN = re.compile(r"(?<!`)(`+)(?!`)((?:(?!\n\n).)+?)(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"(?<=\]\()([^)\s]+)(?=\))|(?<= href=\")([^\"]+)(?=\")|(?<= src=\")([^\"]+)(?=\")|(?<= srcset=\")([^\"\s,]+)(?=\")")
HEADING = re.compile(r"^(#+) (.*)$", re.MULTILINE)
TABLE = re.compile(r"<table>\n<tr>(.*?)</tr>\n<tr>\n(.*?)</tr>\n</table>\n", re.DOTALL)
TABS = [{"kotlin": "Kotlin", "java": "Java"}, {"xml": "Maven", "gradle": "Gradle"}]
# Languages whose names are not those of Pygments.
LANGUAGES = {"gradle": "groovy"}


def slug(heading, separator="-"):
    """The anchor that GitHub gives a heading."""
    kept = (letter for letter in heading.strip().lower() if letter.isalnum() or letter in " -_")
    return "".join(kept).replace(" ", separator)


def plain(heading):
    """A heading without marks: what is seen of it."""
    return re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip()


def blocks(text):
    """The parts of a page: (language, lines) for a block of code with its fences, (None, lines) for what is between."""
    found, lines, fence, language = [], [], None, None
    for line in text.splitlines(keepends=True):
        before, fence = fence, fence_after(line, fence)
        if before is None and fence is not None:
            found.append((None, lines))
            lines, language = [line], FENCE.match(line.rstrip("\n"))[3].strip()
        else:
            lines.append(line)
            if before is not None and fence is None:
                found.append((language, lines))
                lines, language = [], None
    found.append((language, lines))
    return [(language, part) for language, part in found if part]


def lists(text):
    """The text with what is in items of lists indented by four, as Python-Markdown wants it, and a blank line before lists and tables."""
    done, inside, fence, before = [], [], None, ""
    for line in text.splitlines(keepends=True):
        indent = len(line) - len(line.lstrip(" "))
        item = None if fence else ITEM.match(line)
        begins = item or FENCE.match(line.rstrip("\n")) or line.startswith("#") or not before.strip()
        within = bool(inside)
        if fence is None and line.strip() and begins:
            while inside and indent < inside[-1]:
                inside.pop()
        if (item and not within and before.strip() and not before.startswith("#")) or (not fence and starts_table(line, before)):
            done.append("\n")
        done.append(" " * 4 * len(inside) + line[min(indent, inside[-1]) :] if inside and line.strip() else line)
        if item:
            inside.append(item.end())
        fence = fence_after(line, fence)
        before = line
    return "".join(done)


def starts_table(line, before):
    return line.startswith("| ") and before.strip() != "" and not before.startswith("|")


def fence_after(line, fence):
    """The fence of the block of code that goes on after this line, or None."""
    found = FENCE.match(line.rstrip("\n"))
    if not found:
        return fence
    if fence is None:
        return found[2]
    return None if not found[3].strip() and found[2].startswith(fence) else fence


def prose(text, change):
    """The text with `change` applied to what is between the blocks of code."""
    return "".join("".join(lines) if language is not None else change("".join(lines)) for language, lines in blocks(text))


def links(text):
    """What the links of a page name, in order."""
    found = []
    relink(text, lambda link: found.append(link) or link)
    return found


def relink(text, change):
    """The text with each link's target changed, where it is neither in a block of code nor in a code span."""

    def in_prose(part):
        spans = []

        def keep(span):
            spans.append(span[0])
            return f"\0{len(spans) - 1}\0"

        part = LINK.sub(lambda link: change(link[0]), SPAN.sub(keep, part))
        return re.sub("\0(\\d+)\0", lambda mark: spans[int(mark[1])], part)

    return prose(text, in_prose)


def title(text):
    """The first heading, as it is seen."""
    for language, lines in blocks(text):
        heading = language is None and HEADING.search("".join(lines))
        if heading:
            return plain(heading[2])
    return None


def tabs(text):
    """The text with tabs in place of blocks that say the same in several languages."""
    text = TABLE.sub(columns, text)
    done, group = [], []
    for language, lines in blocks(text) + [(None, ["end"])]:
        if language is None and not "".join(lines).strip() and group:
            group.append((language, lines))
        elif language is not None and fits(group, language, lines):
            group.append((language, lines))
        else:
            done.append(tabbed(group))
            group = [(language, lines)] if language is not None and fits([], language, lines) else []
            if not group and lines != ["end"]:
                done.append(fence(language, lines))
    return "".join(done)


def fits(group, language, lines):
    before = [other for other, _ in group if other is not None]
    return not lines[0].startswith(" ") and language not in before and any(set(before + [language]) <= set(kind) for kind in TABS)


def tabbed(group):
    names = {language: name for kind in TABS for language, name in kind.items()}
    code = [(language, lines) for language, lines in group if language is not None]
    if len(code) < 2:
        return "".join(fence(language, lines) for language, lines in group)
    tail = "" if group[-1][0] is not None else "".join(group[-1][1])
    return "\n".join(tab(names[language], fence(language, lines)) for language, lines in code) + tail


def tab(name, content):
    indented = "".join(f"    {line}" if line.strip() else line for line in content.splitlines(keepends=True))
    return f'=== "{name}"\n\n{indented}'


def fence(language, lines):
    text = "".join(lines)
    return text if language not in LANGUAGES else text.replace(language, LANGUAGES[language], 1)


def columns(table):
    """A table of one row, whose cells are blocks, as tabs."""
    heads = re.findall(r"<th[^>]*>(.*?)</th>", table[1])
    cells = re.findall(r"<td[^>]*>\n(.*?)</td>", table[2], re.DOTALL)
    if len(heads) != len(cells):
        return table[0]
    made = []
    for head, cell in zip(heads, cells):
        link = re.match(r'<a href="([^"]+)">(.*)</a>', head)
        name = link[2] if link else head
        source = f"\n[{link[1].rsplit('/', 1)[-1].removesuffix('.md')}]({link[1]})\n" if link else ""
        made.append(tab(plain(name), cell.strip("\n") + "\n" + source))
    return "\n".join(made)

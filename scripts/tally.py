#!/usr/bin/env python3
"""Prints "PASSED FAILED SKIPPED" of JUnit files, or which failed and what they said last: scripts/tally.py [--failed] FILE..."""

import sys
import xml.etree.ElementTree as xml


def failed_tests(names):
    cases = [case for name in names for case in xml.parse(name).iter("testcase")]
    for case in cases:
        for said in [*case.findall("failure"), *case.findall("error")]:
            first = (said.get("message") or said.text or "").strip().split("\n")[0]
            print(f"{case.get('classname')}::{case.get('name')}: {first[:300]}")


def main():
    if sys.argv[1:2] == ["--failed"]:
        failed_tests(sys.argv[2:])
        return
    passed = failed = skipped = 0
    for name in sys.argv[1:]:
        for case in xml.parse(name).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
                skipped += 1
            else:
                passed += 1
    print(passed, failed, skipped)


if __name__ == "__main__":
    main()

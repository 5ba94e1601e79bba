#!/usr/bin/env python3
"""Prints "PASSED FAILED SKIPPED" of JUnit files: scripts/tally.py FILE..."""

import sys
import xml.etree.ElementTree as xml


def main():
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

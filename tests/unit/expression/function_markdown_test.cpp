#include "expression/function_markdown.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "expression/function.h"

namespace penstock::expression {
namespace {

std::filesystem::path page() {
  const std::filesystem::path here(__FILE__);  // tests/unit/expression/function_markdown_test.cpp
  return here.parent_path().parent_path().parent_path().parent_path() / "docs" / "expressions.md";
}

TEST(FunctionMarkdown, DocsExpressionsIsPrintedFromTheTable) {
  if (std::getenv("PENSTOCK_WRITE_DOCS") != nullptr)
    std::ofstream(page(), std::ios::binary) << function_markdown();
  std::ifstream stream(page(), std::ios::binary);
  const std::string written{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  EXPECT_EQ(written, function_markdown())
      << "run: PENSTOCK_WRITE_DOCS=1 expression_test --gtest_filter='FunctionMarkdown.*'";
}

TEST(FunctionMarkdown, HasEveryExample) {
  const std::string text = function_markdown();
  EXPECT_NE(text.find("upper('Nguyễn') = 'NGUYỄN'"), std::string::npos);
  EXPECT_NE(text.find("## Regular expressions"), std::string::npos);
  for (const Function& function : functions()) {
    if (function.example.find('|') == std::string_view::npos && function.name != "::") {
      EXPECT_NE(text.find(function.example), std::string::npos) << function.name << ": " << function.example;
    }
  }
}

}  // namespace
}  // namespace penstock::expression

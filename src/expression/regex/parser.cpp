#include "expression/regex/parser.h"

#include <fmt/format.h>

#include <optional>

#include "expression/regex/bracket.h"
#include "expression/regex/pattern_text.h"
#include "expression/regex/tree.h"
#include "expression/text/character_class.h"
#include "expression/text/utf8.h"

namespace penstock::expression {
namespace {

constexpr int kMostRepetitions = 255;
constexpr int kMostDepth = 500;
struct Quantifier {
  int least = 1;
  int most = 1;
  unsigned preference = 0;
};

// False: there is no such option (PostgreSQL manual, table 9.24 "ARE Embedded-Option Letters").
bool set_option(RegexOptions& options, char letter) {
  switch (letter) {
    case 'c':
    case 'i':
      options.fold = letter == 'i';
      return true;
    case 'm':
    case 'n':
    case 's':
      options.newline_ends_line = options.newline_stops = letter != 's';
      return true;
    case 'p':
    case 'w':
      options.newline_stops = letter == 'p';
      options.newline_ends_line = letter == 'w';
      return true;
    case 'q':
      options.literal = true;
      return true;
    case 't':
    case 'x':
      options.expanded = letter == 'x';
      return true;
    default:
      return false;
  }
}

class RegexParser {
 public:
  RegexParser(PatternText in, RegexOptions options) : in_(std::move(in)), options_(options) {}

  ParsedRegex parse() {
    directives();
    ParsedRegex parsed;
    parsed.tree = options_.literal ? literal() : alternatives();
    if (!in_.done()) throw BadRegex{"parentheses () not balanced"};
    parsed.groups = groups_;
    parsed.options = options_;
    return parsed;
  }

 private:
  // "***=text", "***:re", "(?flags)re".
  void directives() {
    if (options_.literal) return;
    if (in_.accept("***=")) {
      options_.literal = true;
    } else if (!in_.accept("***:") && in_.accept("***")) {
      throw BadRegex{"quantifier operand invalid"};
    }
    if (options_.literal || in_.peek() != '(' || in_.peek(1) != '?' || !is_letter(in_.peek(2))) return;
    in_.accept("(?");
    std::string letters;
    while (!in_.done() && is_letter(in_.peek())) letters += static_cast<char>(in_.take());
    if (!in_.accept(")")) throw BadRegex{"invalid embedded option"};
    set_options(letters);
  }
  static bool is_letter(char32_t c) { return c >= 'a' && c <= 'z'; }
  void set_options(const std::string& letters) {
    for (const char letter : letters)
      if (!set_option(options_, letter)) throw BadRegex{"invalid embedded option"};
  }

  RegexTree literal() {
    std::vector<PiecePtr> pieces;
    while (!in_.done()) pieces.push_back(one(in_.take()));
    return whole(concatenation(std::move(pieces)));
  }

  // Blanks and comments of the expanded syntax, and "(?#comments)" of every one.
  void skip() {
    while (true) {
      if (options_.expanded && !in_.done() && is_space(in_.peek())) {
        in_.take();
      } else if (options_.expanded && in_.next_is('#')) {
        while (!in_.done() && !in_.next_is('\n')) in_.take();
      } else if (in_.accept("(?#")) {
        while (!in_.done() && !in_.next_is(')')) in_.take();
        in_.accept(")");
      } else {
        return;
      }
    }
  }

  RegexTree alternatives() {
    if (++depth_ > kMostDepth) throw BadRegex{"regular expression is too complex"};
    std::vector<RegexTree> branches;
    unsigned flags = RegexTree::kLonger;
    do {
      branches.push_back(branch());
      flags |= inherited(flags | branches.back().flags);
    } while (in_.accept("|"));
    --depth_;
    if (branches.size() == 1) return std::move(branches[0]);
    Piece piece;
    piece.kind = Piece::Kind::kAlternatives;
    for (const RegexTree& one_branch : branches) piece.parts.push_back(one_branch.piece);
    RegexTree tree = whole(make_piece(std::move(piece)), flags);
    if (is_divided(flags)) {
      tree.kind = RegexTree::Kind::kAlternatives;
      tree.parts = std::move(branches);
    }
    return tree;
  }

  bool at_end_of_branch() {
    skip();
    return in_.done() || in_.next_is('|') || in_.next_is(')');
  }

  // Parts in which dividing does not matter stay one; from the first other on the rest is a branch of its
  // own.
  RegexTree branch() {
    std::vector<PiecePtr> pieces;
    unsigned flags = 0;
    while (!at_end_of_branch()) {
      if (auto constraint = read_constraint()) {
        pieces.push_back(std::move(constraint));
        continue;
      }
      RegexTree atom = read_atom();
      const Quantifier quantifier = read_quantifier();
      if (quantifier.most == 0) continue;
      const unsigned all = flags | quantifier.preference | atom.flags;
      if (!is_divided(inherited(all))) {
        pieces.push_back(repetition(atom.piece, quantifier.least, quantifier.most));
        flags = all;
        continue;
      }
      if (++depth_ > kMostDepth) throw BadRegex{"regular expression is too complex"};
      const unsigned own = combined(quantifier.preference, atom.flags);
      RegexTree quantified = with_quantifier(std::move(atom), quantifier);
      RegexTree rest = branch();
      --depth_;
      const unsigned behind = own | combined(own, rest.flags);
      RegexTree tail = sequence(std::move(quantified), std::move(rest), behind);
      return sequence(whole(concatenation(std::move(pieces)), flags), std::move(tail),
                      flags | combined(flags, behind));
    }
    return whole(concatenation(std::move(pieces)), flags);
  }

  static RegexTree with_quantifier(RegexTree atom, const Quantifier& quantifier) {
    const unsigned inside = atom.flags & (RegexTree::kPreferences | RegexTree::kMixed);
    const bool once = quantifier.least == 1 && quantifier.most == 1;
    if (once && (quantifier.preference == 0 || inside == 0 || quantifier.preference == inside)) return atom;
    const unsigned flags = combined(quantifier.preference, atom.flags);
    if (quantifier.least > 0) {  // only the last repetition counts for groups
      const int most = quantifier.most == Piece::kUnbounded ? Piece::kUnbounded : quantifier.most - 1;
      RegexTree before =
          whole(repetition(atom.piece, quantifier.least - 1, most), flags & RegexTree::kPreferences);
      return sequence(std::move(before), std::move(atom), flags);
    }
    RegexTree tree = whole(repetition(atom.piece, 0, quantifier.most), flags);
    tree.kind = RegexTree::Kind::kRepetition;
    tree.most = quantifier.most;
    tree.parts.push_back(std::move(atom));
    return tree;
  }

  PiecePtr anchor(Anchor which) {
    Piece piece;
    piece.kind = Piece::Kind::kAnchor;
    piece.anchor = which;
    return make_piece(std::move(piece));
  }

  // ^ $ \A \m (?=…) and their like; null when an atom follows.
  PiecePtr read_constraint() {
    if (in_.accept("^")) return anchor(Anchor::kLineStart);
    if (in_.accept("$")) return anchor(Anchor::kLineEnd);
    if (in_.accept("[[:<:]]")) return anchor(Anchor::kWordStart);
    if (in_.accept("[[:>:]]")) return anchor(Anchor::kWordEnd);
    for (const char* opening : {"(?=", "(?!", "(?<=", "(?<!"}) {
      if (in_.accept(opening)) return look(opening);
    }
    if (!in_.next_is('\\')) return nullptr;
    switch (in_.peek(1)) {
      case 'A':
        return escaped_anchor(Anchor::kTextStart);
      case 'Z':
        return escaped_anchor(Anchor::kTextEnd);
      case 'm':
        return escaped_anchor(Anchor::kWordStart);
      case 'M':
        return escaped_anchor(Anchor::kWordEnd);
      case 'y':
        return escaped_anchor(Anchor::kWordEdge);
      case 'Y':
        return escaped_anchor(Anchor::kNoWordEdge);
      default:
        return nullptr;
    }
  }
  PiecePtr escaped_anchor(Anchor which) {
    in_.take();
    in_.take();
    return anchor(which);
  }
  PiecePtr look(std::string_view opening) {
    const bool outside = capturing_;
    capturing_ = false;
    Piece piece;
    piece.kind = Piece::Kind::kLook;
    piece.behind = opening[2] == '<';
    piece.negated = opening.back() == '!';
    piece.parts = {alternatives().piece};
    capturing_ = outside;
    close();
    return make_piece(std::move(piece));
  }
  void close() {
    if (!in_.accept(")")) throw BadRegex{"parentheses () not balanced"};
  }

  PiecePtr one(char32_t character) {
    Piece piece;
    piece.kind = Piece::Kind::kSet;
    piece.set.add(character, options_.fold);
    return make_piece(std::move(piece));
  }
  PiecePtr of_set(CharacterSet set) {
    Piece piece;
    piece.kind = Piece::Kind::kSet;
    piece.set = std::move(set);
    return make_piece(std::move(piece));
  }

  RegexTree read_atom() {
    if (in_.accept("(?:")) return group(false);
    if (in_.next_is('(')) {
      if (in_.peek(1) == '?') throw BadRegex{"quantifier operand invalid"};
      in_.take();
      return group(capturing_);
    }
    const char32_t c = in_.take();
    switch (c) {
      case '[':
        return whole(of_set(read_bracket(in_, options_)));
      case '.': {
        CharacterSet any;
        any.negate();
        if (options_.newline_stops) any.leave_out_newline();
        return whole(of_set(std::move(any)));
      }
      case '\\':
        return escape();
      case '*':
      case '+':
      case '?':
        throw BadRegex{"quantifier operand invalid"};
      case '{':
        if (in_.next_is_digit()) throw BadRegex{"quantifier operand invalid"};
        return whole(one(c));
      default:
        return whole(one(c));
    }
  }

  RegexTree group(bool captures) {
    const int number = captures ? ++groups_ : 0;
    RegexTree inner = alternatives();
    close();
    if (!captures) return inner;
    RegexTree tree;
    tree.kind = RegexTree::Kind::kGroup;
    tree.group = number;
    tree.flags = inner.flags | RegexTree::kGroups;
    tree.piece = inner.piece;
    tree.parts.push_back(std::move(inner));
    return tree;
  }

  RegexTree escape() {
    const Escape read = read_escape(in_, groups_);
    if (read.kind == Escape::Kind::kCharacter) return whole(one(read.value));
    if (read.kind == Escape::Kind::kBackReference)
      throw BadRegex{
          fmt::format("back references (\\{}) are not supported", static_cast<unsigned>(read.value))};
    CharacterSet set;
    add_class_escape(set, read.value);
    return whole(of_set(std::move(set)));
  }

  Quantifier read_quantifier() {
    skip();
    Quantifier quantifier;
    if (in_.accept("*")) {
      quantifier = {0, Piece::kUnbounded, RegexTree::kLonger};
    } else if (in_.accept("+")) {
      quantifier = {1, Piece::kUnbounded, RegexTree::kLonger};
    } else if (in_.accept("?")) {
      quantifier = {0, 1, RegexTree::kLonger};
    } else if (in_.next_is('{') && in_.next_is_digit(1)) {
      quantifier = bounds();
    } else {
      return quantifier;
    }
    const bool shorter = in_.accept("?");
    if (shorter && quantifier.preference != 0) quantifier.preference = RegexTree::kShorter;
    return quantifier;
  }

  int count() {
    int number = 0;
    while (in_.next_is_digit() && number <= kMostRepetitions)
      number = number * 10 + static_cast<int>(in_.take() - '0');
    if (number > kMostRepetitions) throw BadRegex{"invalid repetition count(s)"};
    return number;
  }
  // A lone count leaves the preference to what it counts.
  Quantifier bounds() {
    in_.take();
    Quantifier quantifier;
    quantifier.least = quantifier.most = count();
    if (in_.accept(",")) {
      quantifier.most = in_.next_is_digit() ? count() : Piece::kUnbounded;
      quantifier.preference = RegexTree::kLonger;
      if (quantifier.most != Piece::kUnbounded && quantifier.most < quantifier.least)
        throw BadRegex{"invalid repetition count(s)"};
    }
    if (in_.done()) throw BadRegex{"braces {} not balanced"};
    if (!in_.accept("}")) throw BadRegex{"invalid repetition count(s)"};
    return quantifier;
  }

  PatternText in_;
  RegexOptions options_;
  int groups_ = 0;
  int depth_ = 0;
  bool capturing_ = true;
};

}  // namespace

Result<RegexOptions> regex_options(std::string_view letters) {
  RegexOptions options;
  for (const char letter : letters)
    if (!set_option(options, letter))
      return fail(ErrorKind::kBadValue, fmt::format("invalid regular expression option: \"{}\"", letter));
  return options;
}

Result<ParsedRegex> parse_regex(std::string_view pattern, RegexOptions options) {
  try {
    return RegexParser(PatternText(to_characters(pattern)), options).parse();
  } catch (const BadRegex& bad) {
    return fail(ErrorKind::kBadValue, "invalid regular expression: " + bad.message);
  }
}

}  // namespace penstock::expression

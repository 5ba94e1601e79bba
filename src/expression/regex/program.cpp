#include "expression/regex/program.h"

#include <algorithm>

#include "expression/regex/tree.h"

namespace penstock::expression {

// The places reached at one position of the text, and the step to the next.
class Program::Run {
 public:
  Run(const Program& program, Characters text)
      : program_(program), text_(text), marks_(program.code_.size(), 0) {}

  // Follows what needs no character; true when the program's end is reached.
  bool enter(std::size_t place, std::size_t at) {
    bool matched = false;
    pending_.push_back(place);
    while (!pending_.empty()) {
      const std::size_t next = pending_.back();
      pending_.pop_back();
      if (marks_[next] == round_) continue;
      marks_[next] = round_;
      const Instruction& instruction = program_.code_[next];
      switch (instruction.op) {
        case Op::kMatch:
          matched = true;
          break;
        case Op::kSet:
          places_.push_back(next);
          break;
        case Op::kSplit:
          pending_.push_back(instruction.other);
          pending_.push_back(instruction.next);
          break;
        default:
          if (program_.holds(instruction, text_, at)) pending_.push_back(instruction.next);
      }
    }
    return matched;
  }
  // Takes the character at `at`; true when the end is reached behind it.
  bool step(std::size_t at) {
    std::swap(places_, before_);
    places_.clear();
    ++round_;
    bool matched = false;
    for (const std::size_t place : before_) {
      const Instruction& instruction = program_.code_[place];
      if (instruction.piece->set.has(text_[at])) matched = enter(instruction.next, at + 1) || matched;
    }
    return matched;
  }
  bool dead() const { return places_.empty(); }

 private:
  const Program& program_;
  Characters text_;
  std::vector<std::uint64_t> marks_;
  std::uint64_t round_ = 1;
  std::vector<std::size_t> places_;
  std::vector<std::size_t> before_;
  std::vector<std::size_t> pending_;
};

Program::Program(const Piece& piece, bool newline_ends_line, std::int64_t& budget)
    : newline_ends_line_(newline_ends_line) {
  emit(piece, budget);
  add(Instruction{}, budget);
  find_beginnings();
}

std::size_t Program::add(Instruction instruction, std::int64_t& budget) {
  --budget;
  code_.push_back(instruction);
  code_.back().next = code_.size();
  return code_.size() - 1;
}

// Each piece falls through to what is emitted behind it.
void Program::emit(const Piece& piece, std::int64_t& budget) {
  if (budget < 0) return;
  switch (piece.kind) {
    case Piece::Kind::kEmpty:
      break;
    case Piece::Kind::kSet:
      add(Instruction{.op = Op::kSet, .piece = &piece}, budget);
      break;
    case Piece::Kind::kAnchor:
      add(Instruction{.op = Op::kAnchor, .piece = &piece}, budget);
      break;
    case Piece::Kind::kLook:
      looks_.push_back(std::make_shared<Program>(*piece.parts[0], newline_ends_line_, budget));
      add(Instruction{.op = Op::kLook, .piece = &piece, .look = looks_.size() - 1}, budget);
      break;
    case Piece::Kind::kConcatenation:
      for (const auto& part : piece.parts) emit(*part, budget);
      break;
    case Piece::Kind::kAlternatives: {
      std::vector<std::size_t> ends;
      for (std::size_t i = 0; i + 1 < piece.parts.size(); ++i) {
        const std::size_t split = add(Instruction{.op = Op::kSplit}, budget);
        emit(*piece.parts[i], budget);
        ends.push_back(add(Instruction{.op = Op::kSplit}, budget));
        code_[split].other = code_.size();
      }
      emit(*piece.parts.back(), budget);
      for (const std::size_t end : ends) code_[end].next = code_[end].other = code_.size();
      break;
    }
    case Piece::Kind::kRepetition:
      emit_repetition(piece, budget);
      break;
  }
}

void Program::emit_repetition(const Piece& piece, std::int64_t& budget) {
  const Piece& part = *piece.parts[0];
  for (int i = 0; i < piece.least; ++i) emit(part, budget);
  if (piece.most == Piece::kUnbounded) {
    const std::size_t split = add(Instruction{.op = Op::kSplit}, budget);
    emit(part, budget);
    const std::size_t back = add(Instruction{.op = Op::kSplit}, budget);
    code_[back].next = code_[back].other = split;
    code_[split].other = code_.size();
    return;
  }
  std::vector<std::size_t> splits;
  for (int i = piece.least; i < piece.most; ++i) {
    splits.push_back(add(Instruction{.op = Op::kSplit}, budget));
    emit(part, budget);
  }
  for (const std::size_t split : splits) code_[split].other = code_.size();
}

// What may stand first, taking every anchor to hold.
void Program::find_beginnings() {
  std::vector<bool> seen(code_.size(), false);
  std::vector<std::size_t> pending = {0};
  while (!pending.empty()) {
    const std::size_t at = pending.back();
    pending.pop_back();
    if (at >= code_.size() || seen[at]) continue;
    seen[at] = true;
    const Instruction& instruction = code_[at];
    if (instruction.op == Op::kMatch) {
      may_be_empty_ = true;
    } else if (instruction.op == Op::kSet) {
      first_sets_.push_back(instruction.piece);
    } else {
      pending.push_back(instruction.next);
      if (instruction.op == Op::kSplit) pending.push_back(instruction.other);
    }
  }
}

bool Program::may_begin_with(char32_t character) const {
  return std::any_of(first_sets_.begin(), first_sets_.end(),
                     [character](const Piece* piece) { return piece->set.has(character); });
}

bool Program::holds(const Instruction& instruction, Characters text, std::size_t at) const {
  const Piece& piece = *instruction.piece;
  if (instruction.op == Op::kLook) {
    const Program& look = *looks_[instruction.look];
    const bool found =
        piece.behind ? look.ends_at(text, at) : look.shortest(text, at, text.size()).has_value();
    return found != piece.negated;
  }
  const bool word_before = at > 0 && is_word_character(text[at - 1]);
  const bool word_behind = at < text.size() && is_word_character(text[at]);
  switch (piece.anchor) {
    case Anchor::kTextStart:
      return at == 0;
    case Anchor::kTextEnd:
      return at == text.size();
    case Anchor::kLineStart:
      return at == 0 || (newline_ends_line_ && text[at - 1] == '\n');
    case Anchor::kLineEnd:
      return at == text.size() || (newline_ends_line_ && text[at] == '\n');
    case Anchor::kWordStart:
      return !word_before && word_behind;
    case Anchor::kWordEnd:
      return word_before && !word_behind;
    case Anchor::kWordEdge:
      return word_before != word_behind;
    default:
      return word_before == word_behind;
  }
}

std::optional<std::size_t> Program::longest(Characters text, std::size_t start, std::size_t limit) const {
  Run run(*this, text);
  std::optional<std::size_t> end;
  if (run.enter(0, start)) end = start;
  for (std::size_t at = start; at < limit && !run.dead(); ++at) {
    if (run.step(at)) end = at + 1;
  }
  return end;
}

std::optional<std::size_t> Program::shortest(Characters text, std::size_t start, std::size_t limit) const {
  Run run(*this, text);
  if (run.enter(0, start)) return start;
  for (std::size_t at = start; at < limit && !run.dead(); ++at) {
    if (run.step(at)) return at + 1;
  }
  return std::nullopt;
}

bool Program::matches(Characters text, std::size_t start, std::size_t end) const {
  return longest(text, start, end) == end;
}

bool Program::found_in(Characters text, std::size_t start) const {
  Run run(*this, text);
  if (run.enter(0, start)) return true;
  for (std::size_t at = start; at < text.size(); ++at) {
    if (run.step(at) || run.enter(0, at + 1)) return true;
  }
  return false;
}

bool Program::ends_at(Characters text, std::size_t end) const {
  Run run(*this, text);
  bool matched = run.enter(0, 0);
  for (std::size_t at = 0; at < end; ++at) {
    matched = run.step(at);
    matched = run.enter(0, at + 1) || matched;
  }
  return matched;
}

}  // namespace penstock::expression

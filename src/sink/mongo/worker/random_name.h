// Names that several processes make up at the same time without asking each other.
#pragma once

#include <string>

namespace penstock::mongo {

std::string random_name();  // 32 hex digits

}  // namespace penstock::mongo

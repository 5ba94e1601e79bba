// A name that nobody else has.
#pragma once

#include <string>

namespace penstock::backbone {

std::string random_uuid();  // version 4

}  // namespace penstock::backbone

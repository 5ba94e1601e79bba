// gcc's integer of 128 bits, which -Wpedantic knows only as an extension.
#pragma once

namespace penstock::expression {

__extension__ typedef __int128 Int128;

}  // namespace penstock::expression

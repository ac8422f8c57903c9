// toml++, as this layer uses it: what goes wrong in a file is a value, not an exception.
#pragma once

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

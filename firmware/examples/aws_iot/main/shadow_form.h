#pragma once

#include "imprint_identity/shadow.h"
#include "sdkconfig.h"

#ifdef CONFIG_EXAMPLE_CLASSIC_SHADOW
inline constexpr imprint_identity::ShadowForm shadow_form = imprint_identity::ShadowForm::classic;
#else
inline constexpr imprint_identity::ShadowForm shadow_form = imprint_identity::ShadowForm::own;
#endif

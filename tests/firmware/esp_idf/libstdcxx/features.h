// The host's libstdc++ looks for glibc here; newlib has its features in <sys/features.h>.
#pragma once
#include <sys/features.h>
#ifndef __GLIBC_PREREQ
#define __GLIBC_PREREQ(major, minor) 0
#endif

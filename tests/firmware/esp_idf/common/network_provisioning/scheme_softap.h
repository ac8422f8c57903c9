// As espressif/network_provisioning 1.2 declares it: include/network_provisioning/scheme_softap.h.
#pragma once
#include "network_provisioning/manager.h"
#ifdef __cplusplus
extern "C"
#endif
    const network_prov_scheme_t network_prov_scheme_softap;

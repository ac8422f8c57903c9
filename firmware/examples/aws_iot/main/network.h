// The way to the network: network_wifi.cpp, or network_emulated.cpp for QEMU.
#pragma once

#include "imprint_identity.h"
#include "news.h"

// Once in a program. Tells network_up each time the board gets an address, and comes back by
// itself.
void start_network(const imprint_identity_t& identity, QueueHandle_t news);

// New credentials over the air (imprint registry rotate --over-the-air): the board makes its own
// key, its station signs it, and both are in force once the broker has taken them.
#pragma once

#include <cstddef>

#include "imprint_identity.h"
#include "imprint_rotation.h"

class Rotation {
  public:
    enum class Next {
        nothing,
        report,   // publish report()
        ask,      // ask the shadow how it stands
        connect,  // anew, with identity()
    };

    // Takes the loaded identity over. Lives as long as the program.
    explicit Rotation(const imprint_identity_t& loaded);
    Rotation(const Rotation&) = delete;
    Rotation& operator=(const Rotation&) = delete;

    // Null: this firmware has no partition for it.
    [[nodiscard]] const imprint_rotation_topics_t* topics() const;

    // What to connect with. Stays where it is as long as a connection is made with it.
    [[nodiscard]] const imprint_identity_t& identity() const {
        return is_on_trial_ ? *other_ : *in_force_;
    }

    // Messages of get_accepted and get_rejected.
    Next take(const char* text, std::size_t size);
    void take_rejected(const char* text, std::size_t size);
    // How the connection with identity() goes.
    Next connected();
    Next disconnected();

    [[nodiscard]] const char* report() const;

  private:
    Next follow(imprint_rotation_next_t next);
    Next begin_trial();

    imprint_identity_t slots_[2] = {};
    imprint_identity_t* in_force_ = &slots_[0];
    imprint_identity_t* other_ = &slots_[1];
    imprint_rotation_t* rotation_ = nullptr;
    bool is_on_trial_ = false;
    int failed_tries_ = 0;
};

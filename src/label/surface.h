// Owners of cairo's objects. Internal to the layer.
#pragma once

#include <cairo.h>
#include <memory>

namespace imprint::label {

struct CairoDelete {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }

    void operator()(cairo_t* context) const { cairo_destroy(context); }

    void operator()(cairo_path_t* path) const { cairo_path_destroy(path); }
};

using Surface = std::unique_ptr<cairo_surface_t, CairoDelete>;
using Painter = std::unique_ptr<cairo_t, CairoDelete>;
using Path = std::unique_ptr<cairo_path_t, CairoDelete>;

}  // namespace imprint::label

// SPDX-License-Identifier: MIT
#include "tessera/models/gmlp.hpp"

#include "tessera/engine/model.hpp"

using namespace tessera;

// Counted on timm 1.0.
static_assert(GMlpTi16::parameter_count == 5'867'328 && GMlpTi16::macs == 1'328'989'184);
static_assert(GMlpS16::parameter_count == 19'422'656 && GMlpS16::macs == 4'392'060'928);
static_assert(GMlpB16::parameter_count == 73'075'392 && GMlpB16::macs == 15'720'452'096);
static_assert(GMixer12::parameter_count == 12'701'080 && GMixer12::macs == 2'659'310'592);
static_assert(GMixer24::parameter_count == 24'721'096 && GMixer24::macs == 5'260'434'432);

static_assert(GMlpS16::preprocessing == mixer_preprocessing && GMixer24::preprocessing == imagenet_preprocessing);
static_assert(Model<GMlpTi16>::scratch_bytes() > 0);

static_assert(Gated<Silu>::At<Shape{Dynamic, 3, 8}>::output == Shape{Dynamic, 3, 4});

"""Native code that reads a wearer's skin maps; their codes are those of `faces.skin.maps`."""

from faces.skin import maps

READ_MAPS = """
    // The four channels at a place of the maps, bilinear; row 0 is at v = 0.
    const auto read_maps = [&](float u, float v, float* texel) {
        const float right = (float)maps.width - 1.001f, top_row = (float)maps.height - 1.001f;
        float x = u * (float)maps.width - 0.5f, y = v * (float)maps.height - 0.5f;
        x = x > 0.0f ? x : 0.0f;
        y = y > 0.0f ? y : 0.0f;
        x = x < right ? x : right;
        y = y < top_row ? y : top_row;
        const int ix = (int)x, iy = (int)y;
        const float fx = x - (float)ix, fy = y - (float)iy;
        const unsigned* row = (const unsigned*)maps.texels.data + (long long)iy * maps.width + ix;
        const unsigned t00 = row[0], t10 = row[1], t01 = row[maps.width], t11 = row[maps.width + 1];
        for (int j = 0; j < 4; ++j) {
            const int shift = 8 * j;
            const float low = (float)((t00 >> shift) & 255u), high = (float)((t01 >> shift) & 255u);
            const float a = low + ((float)((t10 >> shift) & 255u) - low) * fx;
            const float b = high + ((float)((t11 >> shift) & 255u) - high) * fx;
            texel[j] = a + (b - a) * fy;
        }
    };
"""

_CONSTANTS = {
    "GAIN": 1 / maps.GAIN_ONE,
    "ALPHA_LOW": maps.ALPHA_LOW,
    "ALPHA_SPAN": maps.ALPHA_SPAN / 255,
    "SMOOTH": maps.SPECULAR_SMOOTH,
    "SPAN": maps.SPECULAR_SPAN / 255,
    "ZERO": float(maps.SLOPE_ZERO),
    "INVERSE": 1 / maps.SLOPE_SCALE,
}


def with_constants(code: str) -> str:
    """Native code with the codes' scales in place of their names."""
    for name, value in _CONSTANTS.items():
        code = code.replace(name, f"{value!r}f")
    return code

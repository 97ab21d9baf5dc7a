//! How deep a JSON document nests, told without reading it: what walks one may use the stack only as far as it goes.

/// The most brackets around anything in a text, valid JSON or not; those inside its texts are left out.
pub(crate) fn nesting(text: &str) -> usize {
    let (mut deepest, mut depth, mut quoted, mut escaped) = (0, 0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

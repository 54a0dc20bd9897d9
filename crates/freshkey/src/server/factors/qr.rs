//! Draws a QR code (ISO/IEC 18004) as an inline picture.

use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write as _;

/// The light border that a reader needs, in modules.
const BORDER: i32 = 4;

/// Returns the text as an SVG picture in black on white, whatever the page's colours; none if it is too long.
pub(super) fn svg(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let (size, mut path) = (code.size(), String::new());
    for y in 0..size {
        for x in (0..size).filter(|x| code.get_module(*x, y)) {
            // Writing to a string does not fail.
            let _ = write!(path, "M{},{}h1v1h-1z", x + BORDER, y + BORDER);
        }
    }
    let whole = size + 2 * BORDER;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {whole} {whole}\" shape-rendering=\"crispEdges\" \
         role=\"img\" aria-label=\"QR code\"><path fill=\"#fff\" d=\"M0,0h{whole}v{whole}h-{whole}z\"/>\
         <path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_border_and_its_three_corners() {
        let svg = svg("otpauth://totp/Shop:ada").expect("a picture");
        assert!(svg.contains("viewBox=\"0 0 33 33\"") && svg.contains("M4,4h1v1h-1z"), "{svg}");
        assert!(!svg.contains("M3,") && !svg.contains("M29,"), "a border of four");
        assert_eq!(super::svg(&"x".repeat(3000)), None);
    }
}

//! What Cargo can't know by itself.

fn main() {
    // A new migration is compiled in, though no source file changed.
    println!("cargo:rerun-if-changed=migrations");
    // The library is linked for the browser alone. Cargo links it for the server too, where nothing loads it: without
    // names that takes a second less at each edit.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,--strip-all");
    }
}

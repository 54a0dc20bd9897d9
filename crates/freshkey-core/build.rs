//! A new migration is compiled in, though no source file changed: Cargo would not look into the folder by itself.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}

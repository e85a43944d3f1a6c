//! Generates the service of `backend.proto`. The compiler is a library, so no protoc need be installed.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    const DIR: &str = "../..";
    println!("cargo::rerun-if-changed={DIR}/backend.proto");
    let files = protox::compile(["backend.proto"], [DIR])?;
    tonic_prost_build::configure()
        .build_client(false)
        .build_transport(false)
        .codec_path("crate::codec::BlamingCodec")
        .compile_fds(files)?;
    Ok(())
}

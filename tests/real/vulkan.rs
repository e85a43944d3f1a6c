//! Vulkan: built where the machine has its compiler, run on a driver that needs no GPU.

use crate::checkout::Checkout;
use crate::child::tell;
use crate::client::{MODEL, conformance};

/// `fallback`, so that all but ggml's Vulkan part comes from the compiler cache.
const BUILD: [&str; 6] = ["build-backend", "llama-cpp", "--variant", "vulkan", "--flavor", "fallback"];

#[test]
fn a_vulkan_build_answers_on_a_driver_for_processors() {
    crate::llama::ready();
    let checkout = Checkout::copy("vulkan");
    let built = checkout.xtask_for_long(&BUILD).expect(0);
    tell(built.line("done: "));
    let package = checkout.package_in("llama-cpp", "vulkan");
    // The loader is packed, so that the package starts where no Vulkan is; the driver is this machine's.
    assert!(package.join("lib/libvulkan.so.1").is_file());
    assert!(package.join("licenses/libvulkan1/copyright").is_file());
    conformance(
        &["test_llama_cpp_vulkan"],
        package.join("run").as_str(),
        &[("BACKEND_MODEL", MODEL.as_str())],
    );
}

//! Vulkan: built where the machine has its compiler, run on a driver that needs no GPU.

use crate::checkout::{Checkout, temporary};
use crate::child::tell;
use crate::client::{MODEL, conformance, in_environment};

/// `fallback`, so that all but ggml's Vulkan part comes from the compiler cache.
const BUILD: [&str; 6] = ["build-backend", "llama-cpp", "--variant", "vulkan", "--flavor", "fallback"];

#[test]
fn a_vulkan_build_answers_on_a_driver_for_processors() {
    crate::llama::ready();
    let checkout = Checkout::copy("vulkan");
    let built = checkout.xtask_for_long(&BUILD).expect(0);
    tell(built.line("done: "));
    let package = checkout.package_in("llama-cpp", "vulkan");
    // Loader and drivers are packed, so that the package computes where no Vulkan is.
    assert!(package.join("lib/libvulkan.so.1").is_file());
    for component in ["libvulkan1", "mesa-vulkan-drivers"] {
        assert!(package.join("licenses").join(component).join("copyright").is_file());
    }
    let (_dir, root) = temporary();
    let command = in_environment(&package, &root, Some(&MODEL));
    // As LocalAI names them, which looks for them there.
    let manifests = fs_err::read_dir(package.join("vulkan/icd.d")).unwrap();
    let manifests = manifests.map(|file| file.unwrap().file_name().into_string().unwrap());
    let drivers: Vec<_> = manifests.map(|file| format!("/vulkan/icd.d/{file}")).collect();
    let more = [("BACKEND_MODEL", MODEL.as_str()), ("VK_DRIVER_FILES", &drivers.join(":"))];
    conformance(&["test_llama_cpp_vulkan"], &command, &more);
}

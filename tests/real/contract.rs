//! The contract of all backends: what is only added to it reaches nobody who does not name it.

use crate::checkout::{Checkout, listing};

#[test]
fn an_addition_that_nobody_names_changes_neither_key_nor_bytes() {
    crate::deps::ready();
    let checkout = Checkout::copy("checkout");
    let build = ["build-backend", "local-store", "--strict", "--force"];
    checkout.xtask_for_long(&build).expect(0).says("built local-store");
    let before = listing(&checkout.package("local-store"));
    checkout.edit(
        "backend/backend.proto",
        "\nmessage ",
        "\n// Nobody asks for this.\nmessage Unheard {\n  string of_it = 1;\n}\n\nmessage ",
    );
    checkout.xtask(&["build-backend", "local-store"]).expect(0).says("nothing to do");
    // The stubs of Go hold a description of the whole contract: they are made of the baseline.
    checkout.xtask_for_long(&build).expect(0).says("built local-store");
    assert_eq!(listing(&checkout.package("local-store")), before);

    checkout.edit("backend/go/local-store/main.go", "package main", "// It knows Unheard now.\npackage main");
    checkout.xtask_for_long(&build).expect(0);
    let after = listing(&checkout.package("local-store"));
    assert_ne!(after, before);
    checkout.edit(
        "backend/backend.proto",
        "\nmessage ",
        "\nmessage Qwertz {\n  string of_it = 1;\n}\n\nmessage ",
    );
    checkout.xtask(&["build-backend", "local-store"]).expect(0).says("nothing to do");
    checkout.xtask_for_long(&build).expect(0).says("built local-store");
    assert_eq!(listing(&checkout.package("local-store")), after);
}

// SPDX-License-Identifier: Apache-2.0
//! A lock that is never let go (LS-5).

use std::fs::File;
use std::time::Duration;

use oci_layout::ErrorKind;
use oci_layout::store::LockWait;

use super::fixture::{build, complete, empty};

#[test]
fn a_lock_that_is_never_let_go_is_an_error_that_names_it_ls_5() {
    let (_dir, store) = empty();
    let built = build(&store, "demo");
    let lock = File::open(store.root().join("index.json.lock")).expect("opens");
    lock.lock().expect("locks");
    let store = store.with_lock_wait(LockWait { attempts: 3, pause: Duration::from_millis(1) });
    for error in [
        store.tag(&built.index, "other").expect_err("is locked"),
        store.delete_build("demo").expect_err("is locked"),
        store.put_blob(b"x").expect_err("is locked"),
    ] {
        assert_eq!(error.kind(), ErrorKind::Locked);
        assert!(error.to_string().contains("index.json.lock"), "{error}");
        assert!(error.diagnostics()[0].help.is_some());
    }
    // Readers take no lock.
    assert_eq!(store.list_tags().expect("lists"), ["demo"]);
    complete(&store, &built.index).expect("is complete");
    drop(lock);
    store.tag(&built.index, "other").expect("tags");
}

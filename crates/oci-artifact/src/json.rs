// SPDX-License-Identifier: Apache-2.0
//! JSON as the artifact needs it: a writer whose bytes get a digest (format.md, 6.1), and a reader
//! that takes exactly what the reference takes (PJ-1 to PJ-5) and knows where everything stands.

mod writer;

pub use writer::Writer;

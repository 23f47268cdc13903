// SPDX-License-Identifier: Apache-2.0
//! Does the committed metadata still describe the chain?
//! Run by the end-to-end suite, which sets `CALOR_NODE_URL`; without it there is nothing to compare with.

use calor_client::Chain;

const COMMITTED: &[u8] = include_bytes!("../metadata.scale");

#[tokio::test]
async fn metadata_is_current() {
	let Ok(url) = std::env::var("CALOR_NODE_URL") else {
		eprintln!("skipped: set CALOR_NODE_URL to the WebSocket address of a node to compare with");
		return;
	};
	let chain = Chain::connect(&[url], None).await.unwrap();
	// Argument and answer are SCALE: version 16 as u32, an option of bytes.
	let link = chain.link();
	let version = 16u32.to_le_bytes();
	let call = link.rpc.state_call("Metadata_metadata_at_version", Some(&version), None);
	let answer: Vec<u8> = call.await.unwrap();
	let answer: Option<Vec<u8>> = codec::Decode::decode(&mut &answer[..]).unwrap();
	let current = answer.expect("the node has metadata 16");
	assert!(
		current == COMMITTED,
		"client/metadata.scale is not the node's metadata: run scripts/metadata.sh and build again"
	);
}

//! A map as serde's map.
#![cfg(feature = "serde")]

use xsync::Map;

#[test]
fn a_map_goes_to_json_and_back() {
    let map: Map<String, u32> = [("a".to_owned(), 1), ("b".to_owned(), 2)].into_iter().collect();
    let text = serde_json::to_string(&map).unwrap();
    assert!(text == r#"{"a":1,"b":2}"# || text == r#"{"b":2,"a":1}"#, "{text}");
    let back: Map<String, u32> = serde_json::from_str(&text).unwrap();
    assert_eq!(back, map);
    assert_eq!((back.len(), back.get_cloned("b")), (2, Some(2)));
}

#[test]
fn the_last_of_equal_keys_counts_and_what_is_no_map_is_refused() {
    let map: Map<String, u32> = serde_json::from_str(r#"{"a":1,"a":2}"#).unwrap();
    assert_eq!((map.len(), map.get_cloned("a")), (1, Some(2)));
    let error = serde_json::from_str::<Map<String, u32>>("[1]").unwrap_err();
    assert!(error.to_string().contains("expected a map"), "{error}");
}

#include "mailer/base/crypto.h"

#include <doctest/doctest.h>

#include <set>

using namespace sealpost::base;

TEST_CASE("SHA-256 and HMAC-SHA-256 give the published values") {
  CHECK(HexEncode(AsText(Sha256(""))) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(HexEncode(AsText(Sha256("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, test cases 1 and 2, and one whose key is longer than a block (6).
  CHECK(HexEncode(AsText(HmacSha256(std::string(20, '\x0b'), "Hi There"))) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(HexEncode(AsText(HmacSha256("Jefe", "what do ya want for nothing?"))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(HexEncode(
            AsText(HmacSha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"))) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("an empty key is a key of its own, not the one before") {
  HmacSha256("another key", "data");
  CHECK(HexEncode(AsText(HmacSha256({}, {}))) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("random bytes have the length asked for and do not repeat") {
  CHECK(RandomBytes(0).empty());
  CHECK(RandomBytes(33).size() == 33);
  CHECK(RandomText(24).size() == 32);
  CHECK(RandomText(16).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
        std::string::npos);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(RandomBytes(16));
  CHECK(seen.size() == 1000);
}

TEST_CASE("texts are compared whole") {
  CHECK(ConstantTimeEquals("", ""));
  CHECK(ConstantTimeEquals("same", "same"));
  CHECK_FALSE(ConstantTimeEquals("same", "samE"));
  CHECK_FALSE(ConstantTimeEquals("same", "sam"));
  CHECK_FALSE(ConstantTimeEquals("", "x"));
}

TEST_CASE("the encodings give the values of RFC 4648 section 10") {
  CHECK(Base64Encode("") == "");
  CHECK(Base64Encode("f") == "Zg==");
  CHECK(Base64Encode("fo") == "Zm8=");
  CHECK(Base64Encode("foo") == "Zm9v");
  CHECK(Base64Encode("foobar") == "Zm9vYmFy");
  CHECK(Base32Encode("f") == "my");
  CHECK(Base32Encode("fooba") == "mzxw6ytb");
  CHECK(Base32Encode("foobar") == "mzxw6ytboi");
  CHECK(HexEncode("foobar") == "666f6f626172");
  CHECK(Base64UrlEncode("\xfb\xff\xfe") == "-__-");
  CHECK(Base64Encode("\xfb\xff\xfe") == "+//+");
}

TEST_CASE("every length of data survives each encoding") {
  std::string data;
  for (int i = 0; i < 300; ++i) {
    CHECK(Base64Decode(Base64Encode(data)) == data);
    CHECK(Base64UrlDecode(Base64UrlEncode(data)) == data);
    CHECK(Base32Decode(Base32Encode(data)) == data);
    data.push_back(static_cast<char>(i * 37));
  }
}

TEST_CASE("base64 is read with or without padding, and with line breaks") {
  CHECK(Base64Decode("Zm8=") == "fo");
  CHECK(Base64Decode("Zm8") == "fo");
  CHECK(Base64Decode(" Zm\r\n9v\tYm Fy\n") == "foobar");
  CHECK(Base64Decode("Zg=\r\n=") == "f");
  CHECK(Base64Decode("") == "");
}

TEST_CASE("base64 that no encoder writes is refused") {
  for (const char* text :
       {"Z", "Zm9vY", "Zg=", "Zg===", "=", "====", "Zg==Zg==", "Zm9v=", "Z-8=", "Zm8*", "Zh==", "Zm9"}) {
    CHECK_MESSAGE(!Base64Decode(text).has_value(), text);
  }
  CHECK_FALSE(Base64Decode(std::string_view("Zm\0v", 4)).has_value());
  CHECK_FALSE(Base64Decode("Zm9\xc3").has_value());
  for (const char* text : {"Zm8=", "Zm 8", "Zm+/", "Z"}) CHECK_MESSAGE(!Base64UrlDecode(text).has_value(), text);
}

TEST_CASE("base32 is read in either case and nothing else") {
  CHECK(Base32Decode("MZXW6YTBOI") == "foobar");
  CHECK(Base32Decode("mZxW6yTbOi") == "foobar");
  for (const char* text : {"m", "my======", "m1", "m0", "m8", "mz!", "mz", "mzx", "mzxw6y"}) {
    CHECK_MESSAGE(!Base32Decode(text).has_value(), text);
  }
}

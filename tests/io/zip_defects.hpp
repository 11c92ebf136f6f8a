// SPDX-License-Identifier: MIT
#pragma once

// PyTorch and NumPy files whose zip archive is broken, and those whose members do not fit together.

#include "defects.hpp"
#include "writers.hpp"

namespace tessera::test {

inline std::vector<Defect> zip_defects() {
  const std::string data = raw({1.0F, 2.0F});
  const std::string pkl = pickle::document(pickle::dict(pickle::text("w") + pickle::tensor()));
  const ZipMember good_pkl{"archive/data.pkl", pkl}, good_data{"archive/data/0", data};
  const std::string good = zip_of({good_pkl, good_data});
  const std::string array = npy(npy_dict("<f4", "(2,)"), data);
  constexpr const char* damaged = "found a damaged zip archive";

  std::vector<Defect> defects;
  const auto add = [&](const char* name, const std::string& file, const char* message) { defects.push_back({name, file, message}); };
  const auto with = [](ZipMember member, auto change) {
    change(member);
    return member;
  };
  const auto patched = [](std::string file, std::string_view before, std::size_t skip, const std::string& bytes) {
    file.replace(file.find(before) + skip, bytes.size(), bytes);
    return file;
  };

  // The archive.
  add("only a local header's signature", "PK\3\4", damaged);
  add("no central directory", good.substr(0, good.find("PK\1\2")), damaged);
  add("no end record", good.substr(0, good.find("PK\5\6")), damaged);
  add("end record cut", good.substr(0, good.size() - 1), damaged);
  add("end record half", good.substr(0, good.size() - 11), damaged);
  add("cut in the first member", good.substr(0, 60), damaged);
  add("first half", good.substr(0, good.size() / 2), damaged);
  add("start missing", "PK\3\4" + good.substr(40), damaged);
  add("directory beyond the file", zip_of({good_pkl}, {.offset = 1'000'000}), damaged);
  add("directory at the start", zip_of({good_pkl}, {.offset = 0}), damaged);
  add("directory too long", zip_of({good_pkl}, {.size = 1'000'000}), damaged);
  add("directory too short", zip_of({good_pkl}, {.size = 10}), damaged);
  add("fewer members than said", zip_of({good_pkl}, {.count = 2}), damaged);
  add("more members than said", zip_of({good_pkl, good_data}, {.count = 1}), damaged);
  add("sixty thousand members said", zip_of({good_pkl}, {.count = 60'000}), damaged);
  add("no members", "PK\3\4" + zip_of({}), damaged);
  const std::string end_record = good.substr(good.find("PK\5\6")), before_end = good.substr(0, good.find("PK\5\6"));
  add("zip64 locator that points nowhere", before_end + "PK\6\7" + std::string(16, '\xff') + end_record, "zip64 end record is not where");
  add("zip64 locator that points to itself", before_end + "PK\6\7" + raw(0U) + raw(std::uint64_t{before_end.size()}) + raw(1U) + end_record,
      "zip64 end record is not where");
  add("zip64 end record cut",
      before_end + "PK\6\6" + std::string(20, '\0') + "PK\6\7" + raw(0U) + raw(std::uint64_t{before_end.size()}) + raw(1U) + end_record,
      damaged);
  add("second of two parts", patched(good, "PK\5\6", 4, "\1"), "it is one part of several");
  const std::string commented = zip_of({good_pkl}, {.comment = "comment"});
  add("comment cut", commented.substr(0, commented.size() - 3), damaged);
  add("directory entry without its signature", patched(good, "PK\1\2", 0, "PK\1\1"), damaged);
  add("local header without its signature", patched(good, "PK\3\4", 3, "\5"), "expected a safetensors, .pth or .npz file");
  add("second local header without its signature",
      patched(good, "PK\3\4" + std::string("\x14\0\0\0\0\0\0\0\x21\0", 10) + raw(crc32(data)), 0, "PK\3\3"), damaged);
  add("name longer than the directory", patched(good, "PK\1\2", 28, "\xff\xff"), damaged);
  add("local name longer than the file", patched(good, "PK\3\4", 26, "\xff\xff"), damaged);

  // Its members.
  add("offset of a member beyond the file", zip_of({good_pkl, with(good_data, [](auto& m) { m.offset = 1'000'000; })}), damaged);
  add("two members at one place", zip_of({good_pkl, with(good_data, [](auto& m) { m.offset = 0; })}), damaged);
  add("size of a member beyond the file", zip_of({good_pkl, with(good_data, [](auto& m) { m.size = m.packed = 1'000'000; })}), damaged);
  add("size of a member over its neighbour", zip_of({with(good_pkl, [](auto& m) { m.size = m.packed = 600; }), good_data}), damaged);
  add("size and packed size of a stored member differ", zip_of({good_pkl, with(good_data, [](auto& m) { m.size = 800; })}),
      "found 800 bytes, expected 2 elements F32");
  add("packed size and size of a stored member differ", zip_of({good_pkl, with(good_data, [](auto& m) { m.packed = 4; })}),
      "found 4 stored bytes for a size of 8");
  add("name twice", zip_of({good_pkl, good_data, good_data}), "found twice, expected each name once");
  add("data.pkl twice", zip_of({good_pkl, good_data, good_pkl}), "found twice, expected each name once");
  add("two data.pkl", zip_of({good_pkl, good_data, {"other/data.pkl", pkl}}), "found \"archive/data.pkl\" and \"other/data.pkl\"");
  add("encrypted member", zip_of({good_pkl, with(good_data, [](auto& m) { m.flags = 1; })}), "found an encrypted member");
  add("member compressed with bzip2", zip_of({good_pkl, with(good_data, [](auto& m) { m.method = 12; })}), "found compression method 12");
  add("member compressed with zstd", zip_of({good_pkl, with(good_data, [](auto& m) { m.method = 93; })}), "found compression method 93");
  add("wrong sum of the pickle", zip_of({with(good_pkl, [](auto& m) { m.crc = 1; }), good_data}),
      "member \"archive/data.pkl\": found damaged data: CRC error");
  add("wrong sum of a storage", zip_of({good_pkl, with(good_data, [](auto& m) { m.crc = 1; })}),
      "member \"archive/data/0\": found damaged data: CRC error");
  add("one bit of a weight flipped", patched(good, data, 1, "\1"), "member \"archive/data/0\": found damaged data: CRC error");
  add("one bit of the pickle flipped", patched(good, "storage", 1, "u"), "member \"archive/data.pkl\": found damaged data: CRC error");

  // PyTorch's.
  add("no data.pkl", zip_of({good_data}), "found a zip archive without data.pkl and without .npy");
  add("data.pkl at the top", zip_of({with(good_pkl, [](auto& m) { m.name = "data.pkl"; }), good_data}), "without data.pkl");
  add("data.pkl too deep", zip_of({with(good_pkl, [](auto& m) { m.name = "a/b/data.pkl"; }), good_data}), "without data.pkl");
  add("no storage", zip_of({good_pkl}), "tensor \"w\": found no member \"archive/data/0\"");
  add("storage in another folder", zip_of({good_pkl, with(good_data, [](auto& m) { m.name = "other/data/0"; })}), "found no member");
  add("storage of another name", zip_of({good_pkl, with(good_data, [](auto& m) { m.name = "archive/data/1"; })}), "found no member");
  add("storage too short", zip_of({good_pkl, {"archive/data/0", "1234"}}), "found 4 bytes, expected 2 elements F32");
  add("storage one byte too short", zip_of({good_pkl, {"archive/data/0", "1234567"}}), "found 7 bytes, expected 2 elements F32");
  add("storage one byte too long", zip_of({good_pkl, {"archive/data/0", "123456789"}}), "found 9 bytes, expected 2 elements F32");
  add("storage empty", zip_of({good_pkl, {"archive/data/0", ""}}), "found 0 bytes, expected 2 elements F32");
  add("byte order of the middle", zip_of({good_pkl, good_data, {"archive/byteorder", "little-ish"}}), "found \"little-i\"");
  add("byte order empty", zip_of({good_pkl, good_data, {"archive/byteorder", ""}}), "found \"\", expected \"little\"");
  add("pickle of 100 MB said", zip_of({with(deflated_member("archive/data.pkl", pkl), [](auto& m) { m.size = 100'000'000; }), good_data}),
      "expected at most 33554432");
  add("storage key that climbs out",
      zip_of({{"archive/data.pkl",
               pickle::document(pickle::dict(pickle::text("w") + pickle::tensor(pickle::storage("../../0"), pickle::number(0),
                                                                                pickle::numbers({2}), pickle::numbers({1}))))},
              good_data}),
      "found no member \"archive/data/../../0\"");

  // Deflated members.
  const ZipMember packed = deflated_member("a.npy", array);
  add("deflated member shorter than said", zip_of({with(packed, [](auto& m) { ++*m.size; })}), "\"a.npy\": found ");
  add("deflated data cut", zip_of({with(packed, [](auto& m) { m.data.pop_back(); })}), "found damaged data");
  add("deflated data of no known block", zip_of({with(packed, [](auto& m) { m.data[0] = '\7'; })}), "found damaged data");
  add("deflated data garbled", zip_of({with(packed, [](auto& m) { m.data = std::string(m.data.size(), '\xff'); })}), "found damaged data");
  add("deflated data empty", zip_of({with(packed, [](auto& m) { m.data.clear(); })}), "found damaged data: it ends before its last block");
  add("deflated member with a wrong sum", zip_of({with(packed, [](auto& m) { m.crc = 1; })}), "found damaged data: CRC error");
  const std::string large = npy(npy_dict("<f4", "(1000000000,)"));
  add("bomb: 4 GB said",
      zip_of({with(deflated_member("a.npy", large), [&](auto& m) { m.size = static_cast<std::uint32_t>(large.size() + 4'000'000'000); })}),
      "bytes when unpacked, expected at most 67111");
  const std::string medium = npy(npy_dict("<f4", "(10000000,)"));
  const auto bomb = [&](const char* name) {
    return with(deflated_member(name, medium), [&](auto& m) { m.size = static_cast<std::uint32_t>(medium.size() + 40'000'000); });
  };
  add("bomb: 40 MB said, none there", zip_of({bomb("a.npy")}), "found damaged data: it");
  add("stored member too large for the file", zip_of({{"a.npy", large}}), "found 0 bytes of data, expected 4000000000");
  return defects;
}

}  // namespace tessera::test

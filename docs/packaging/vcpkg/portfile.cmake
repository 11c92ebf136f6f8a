# TESSERA_SOURCE is a folder with a release. A port in vcpkg's registry has vcpkg_from_github here.
set(SOURCE_PATH "$ENV{TESSERA_SOURCE}")
set(VCPKG_BUILD_TYPE release)  # headers alone

vcpkg_check_features(OUT_FEATURE_OPTIONS FEATURE_OPTIONS FEATURES io TESSERA_IO vision TESSERA_VISION)
vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}" OPTIONS ${FEATURE_OPTIONS}
  -DTESSERA_INSTALL=ON -DTESSERA_BUILD_TESTS=OFF -DTESSERA_BUILD_BENCH=OFF -DTESSERA_BUILD_EXAMPLES=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/tessera)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/lib")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")

# SPDX-License-Identifier: MIT
"""Conan 2 recipe:  conan create docs/packaging/conan"""
import os
import re

from conan import ConanFile
from conan.tools.cmake import CMake
from conan.tools.files import copy, load


class Tessera(ConanFile):
    name = "tessera"
    license = "MIT"
    description = "Header-only C++20 library of MLP vision models: ResMLP, MLP-Mixer, SPACH, ConvMLP"
    package_type = "header-library"
    settings = "os", "compiler", "build_type", "arch"
    generators = "CMakeDeps", "CMakeToolchain"
    # Without them the library is layers, networks and the engine.
    options = {"io": [True, False], "vision": [True, False]}
    default_options = {"io": True, "vision": True}
    no_copy_source = True

    @property
    def _root(self):
        return os.path.join(self.recipe_folder, "..", "..", "..")

    def set_version(self):
        text = load(self, os.path.join(self._root, "include", "tessera", "version.hpp"))
        self.version = re.search(r'define TESSERA_VERSION "(.*)"', text).group(1)

    def export_sources(self):
        for pattern in ("include/*", "CMakeLists.txt", "LICENSE", "docs/reference/Doxyfile"):
            copy(self, pattern, self._root, self.export_sources_folder)

    def requirements(self):
        self.requires("eigen/[>=3.4 <6]")
        if self.options.io:
            self.requires("zlib/[>=1.2.11 <2]")
        if self.options.vision:
            self.requires("libjpeg-turbo/[>=2 <4]")
            self.requires("libpng/[>=1.6 <2]")

    def build(self):
        cmake = CMake(self)
        parts = {f"TESSERA_{part.upper()}": bool(getattr(self.options, part)) for part in ("io", "vision")}
        cmake.configure(variables={"TESSERA_BUILD_TESTS": False, "TESSERA_BUILD_BENCH": False, "TESSERA_BUILD_EXAMPLES": False, **parts})

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_id(self):
        self.info.clear()

    def package_info(self):
        # The library's own package finds the libraries that its components need.
        self.cpp_info.bindirs, self.cpp_info.libdirs = [], []
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = ["share/cmake/tessera"]

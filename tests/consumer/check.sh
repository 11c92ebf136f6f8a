#!/usr/bin/env bash
# Uses Tessera as strangers do, in one of these ways:
#   tests/consumer/check.sh WAY [COMPILER [EXTRA FLAGS]]
# package        an installed copy, by find_package; the copy has been moved after the installation
# subdirectory   add_subdirectory
# fetchcontent   FetchContent from a local folder, with Eigen as a target that exists already
# include        only -I, without CMake
# pkg-config     the compiler's flags from pkg-config
# missing        a missing library or component is a sentence at configure time
# cmake-3.22     package and subdirectory with CMake 3.22 (PyPI's cmake==3.22.*); the package was installed by the newer CMake
# eigen-5        package and -I with Eigen 5 (the headers of PyPI's eigency==5.0.1.1)
# min-max        macros called min and max are defined before the headers
# c++17          one clear message
# no-exceptions, no-rtti
# warnings       no warning from any header that a user's own warnings would show
# compiled       an installed copy with tessera::compiled
# amalgamated    the header that docs/packaging/amalgamate.py makes, alone
# cpack          the archive that cpack writes holds the package
set -euo pipefail
way=${1:?see the first lines of this file}
compiler=${2:-g++}
flags=(${3:-})
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
model=$source/examples/models/resmlp_cifar10.safetensors
photo=$source/examples/photos/cat.jpg
export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-$(command -v ccache || true)}
generator=$(command -v ninja >/dev/null && echo Ninja || echo 'Unix Makefiles')
eigen=(-isystem "${EIGEN_HEADERS:-/usr/include/eigen3}")
strict=(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wdouble-promotion -Werror)

fail() { echo "consumer: $way: $*" >&2; exit 1; }

# install CMAKE OPTIONS...: into $work/moved, by way of another folder.
install() {
  local cmake=$1
  shift
  "$cmake" -G "$generator" -S "$source" -B "$work/source_build" -DCMAKE_CXX_COMPILER="$compiler" -DTESSERA_BUILD_TESTS=OFF \
    -DTESSERA_BUILD_BENCH=OFF -DTESSERA_BUILD_EXAMPLES=OFF "$@" >"$work/log" || { cat "$work/log"; fail "configuring Tessera"; }
  "$cmake" --build "$work/source_build" >"$work/log" || { cat "$work/log"; fail "building Tessera"; }
  "$cmake" --install "$work/source_build" --prefix "$work/prefix" >/dev/null
  [ ! -e "$work/prefix/bin" ] || fail "the package installs programs"
  mv "$work/prefix" "$work/moved"
}

# outside CMAKE OPTIONS...: configures, builds and runs the project in this folder.
outside() {
  local cmake=$1
  shift
  rm -rf "$work/build"
  "$cmake" -G "$generator" -S "$here" -B "$work/build" -DCMAKE_CXX_COMPILER="$compiler" "$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "configuring"; }
  "$cmake" --build "$work/build" >"$work/log" || { cat "$work/log"; fail "building"; }
  "$work/build/consumer"
  if [ -e "$work/build/consumer_files" ]; then
    [ "$("$work/build/consumer_files" "$model" "$photo")" = "class 3" ] || fail "the cat is not a cat"
  fi
}

# refused SENTENCE CMAKE_ARGUMENTS...: configuring fails and says the sentence.
refused() {
  local sentence=$1
  shift
  rm -rf "$work/build"
  if cmake -G "$generator" -B "$work/build" -DCMAKE_CXX_COMPILER="$compiler" "$@" >"$work/log" 2>&1; then fail "configured, expected: $sentence"; fi
  # CMake breaks lines.
  tr -s ' \n' ' ' <"$work/log" | grep -qF -- "$sentence" || { cat "$work/log"; fail "expected: $sentence"; }
}

# pypi DIRECTORY PACKAGE: a virtual environment that is kept between runs.
pypi() {
  [ -x "$1/bin/pip" ] || python3 -m venv "$1" >/dev/null || return
  "$1/bin/pip" -q install --disable-pip-version-check "$2" 2>/dev/null
}

eigen_5() {
  local folder=/tmp/tessera_eigen_5
  if [ ! -e "$folder/Eigen/Core" ]; then
    pypi /tmp/tessera_pip pip || return
    /tmp/tessera_pip/bin/pip -q download --no-deps -d "$work/wheel" eigency==5.0.1.1 2>/dev/null || return
    python3 -m zipfile -e "$work"/wheel/*.whl "$work/wheel"
    mkdir -p "$folder"
    cp -r "$work"/wheel/eigency/eigen/Eigen "$folder"
  fi
  echo "$folder"
}

compile() { "$compiler" -std=c++20 "${flags[@]}" -I"$source/include" "${eigen[@]}" "$@"; }

case $way in
  package)
    install cmake
    outside cmake -DCMAKE_PREFIX_PATH="$work/moved" -DCONSUMER_COMPONENTS="io;vision"
    ;;
  subdirectory)
    outside cmake -DCONSUMER_WAY=subdirectory -DTESSERA_SOURCE="$source" -DCONSUMER_LINK="io;vision"
    ;;
  fetchcontent)
    outside cmake -DCONSUMER_WAY=fetchcontent -DTESSERA_SOURCE="$source" -DEIGEN_HEADERS="${eigen[1]}" -DCMAKE_DISABLE_FIND_PACKAGE_Eigen3=ON
    ;;
  include)
    compile "$here/main.cpp" "$here/other.cpp" -o "$work/consumer"
    "$work/consumer"
    ;;
  pkg-config)
    install cmake
    export PKG_CONFIG_PATH=$work/moved/share/pkgconfig
    pkg-config --atleast-version=1.0 tessera
    "$compiler" -std=c++20 "$here/main.cpp" "$here/other.cpp" $(pkg-config --cflags --libs tessera) -o "$work/consumer"
    "$work/consumer"
    "$compiler" -std=c++20 "$here/files.cpp" $(pkg-config --cflags --libs tessera-io tessera-vision) -o "$work/files"
    [ "$("$work/files" "$model" "$photo")" = "class 3" ] || fail "the cat is not a cat"
    ;;
  missing)
    off=-DCMAKE_DISABLE_FIND_PACKAGE_
    tests_off=(-DTESSERA_BUILD_TESTS=OFF -DTESSERA_BUILD_BENCH=OFF -DTESSERA_BUILD_EXAMPLES=OFF)
    # The project itself.
    refused "tessera::tessera needs Eigen 3.4 or 5: libeigen3-dev (Debian, Ubuntu)" -S "$source" "${tests_off[@]}" ${off}Eigen3=ON
    refused "tessera::io needs zlib: zlib1g-dev (Debian, Ubuntu)" -S "$source" "${tests_off[@]}" ${off}ZLIB=ON ${off}PNG=ON
    refused "tessera::jpeg needs libjpeg: libjpeg-dev (Debian, Ubuntu)" -S "$source" "${tests_off[@]}" ${off}JPEG=ON
    refused "tessera::png needs libpng: libpng-dev (Debian, Ubuntu)" -S "$source" "${tests_off[@]}" ${off}PNG=ON
    # A subdirectory: only what is linked must be there.
    subdirectory=(-S "$here" -DCONSUMER_WAY=subdirectory -DTESSERA_SOURCE="$source")
    refused "tessera::io needs zlib: zlib1g-dev" "${subdirectory[@]}" -DCONSUMER_LINK=io ${off}ZLIB=ON ${off}PNG=ON
    refused "tessera::png needs libpng: libpng-dev" "${subdirectory[@]}" -DCONSUMER_LINK=vision ${off}PNG=ON
    cmake -G "$generator" -B "$work/core" "${subdirectory[@]}" -DCMAKE_CXX_COMPILER="$compiler" ${off}ZLIB=ON ${off}PNG=ON ${off}JPEG=ON >"$work/log" 2>&1 ||
      { cat "$work/log"; fail "the core needs nothing but Eigen"; }
    # The package, installed where nothing but Eigen is found.
    install cmake -DTESSERA_IO=OFF -DTESSERA_VISION=OFF ${off}ZLIB=ON ${off}PNG=ON ${off}JPEG=ON
    package=(-S "$here" -DCMAKE_PREFIX_PATH="$work/moved")
    refused "tessera::io was not asked for: write find_package(tessera REQUIRED COMPONENTS io)" "${package[@]}" -DCONSUMER_LINK=io
    refused "find_package(tessera REQUIRED COMPONENTS jpeg) or, for both image formats, vision" "${package[@]}" -DCONSUMER_LINK=vision
    refused "tessera::io needs zlib: zlib1g-dev" "${package[@]}" -DCONSUMER_COMPONENTS=io ${off}ZLIB=ON ${off}PNG=ON
    refused "tessera::jpeg needs libjpeg: libjpeg-dev" "${package[@]}" -DCONSUMER_COMPONENTS=vision ${off}JPEG=ON
    refused "tessera has no component oi: it has io, jpeg, png, vision, threads and compiled" "${package[@]}" -DCONSUMER_COMPONENTS=oi
    refused "tessera was installed without tessera::compiled" "${package[@]}" -DCONSUMER_COMPONENTS=compiled
    refused "tessera::tessera needs Eigen 3.4 or 5" "${package[@]}" ${off}Eigen3=ON
    cmake -G "$generator" -B "$work/io" "${package[@]}" -DCMAKE_CXX_COMPILER="$compiler" -DCONSUMER_COMPONENTS="io;threads" >"$work/log" 2>&1 ||
      { cat "$work/log"; fail "zlib is here"; }
    ;;
  cmake-3.22)
    pypi /tmp/tessera_cmake_3.22 'cmake==3.22.*'
    old=/tmp/tessera_cmake_3.22/bin/cmake
    install cmake
    outside $old -DCMAKE_PREFIX_PATH="$work/moved"
    outside $old -DCONSUMER_WAY=subdirectory -DTESSERA_SOURCE="$source"
    rm -rf "$work/source_build" "$work/moved"
    install $old
    outside cmake -DCMAKE_PREFIX_PATH="$work/moved"
    ;;
  eigen-5)
    if ! headers=$(eigen_5); then
      echo "consumer: $way: skipped, the headers of Eigen 5 cannot be fetched from PyPI"
      exit 0
    fi
    eigen=(-isystem "$headers")
    # What an installed Eigen 5 says of itself. Its version file accepts 3.4...5 and 5, and refuses 3.4.
    mkdir -p "$work/eigen/share/eigen3/cmake"
    cat >"$work/eigen/share/eigen3/cmake/Eigen3Config.cmake" <<END
add_library(Eigen3::Eigen INTERFACE IMPORTED)
set_target_properties(Eigen3::Eigen PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${eigen[1]}")
END
    cat >"$work/eigen/share/eigen3/cmake/Eigen3ConfigVersion.cmake" <<'END'
set(PACKAGE_VERSION 5.0.1)
set(PACKAGE_VERSION_COMPATIBLE FALSE)
if(PACKAGE_FIND_VERSION_RANGE)
  if(PACKAGE_FIND_VERSION_MIN VERSION_LESS_EQUAL 5.0.1 AND PACKAGE_FIND_VERSION_MAX_MAJOR VERSION_GREATER_EQUAL 5)
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
  endif()
elseif(PACKAGE_FIND_VERSION VERSION_EQUAL 5)
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
END
    install cmake -DCMAKE_PREFIX_PATH="$work/eigen"
    outside cmake -DCMAKE_PREFIX_PATH="$work/moved;$work/eigen"
    grep -q 'tessera_eigen_5' "$work/build/build.ninja" || fail "another Eigen was taken"
    ;;
  min-max)
    compile -DCONSUMER_MIN_MAX -fsyntax-only "$here/main.cpp"
    compile -DCONSUMER_MIN_MAX -fsyntax-only "$here/files.cpp"
    ;;
  c++17)
    for header in tessera.hpp engine/model.hpp core/shape.hpp layers/linear.hpp io/safetensors.hpp vision/image.hpp models/resmlp.hpp; do
      echo "#include <tessera/$header>" >"$work/old.cpp"
      if "$compiler" -std=c++17 -I"$source/include" "${eigen[@]}" -fsyntax-only "$work/old.cpp" 2>"$work/log"; then fail "$header compiles"; fi
      grep -m 1 'error:' "$work/log" | grep -q 'Tessera needs C++20' || { head -20 "$work/log"; fail "$header: another error comes first"; }
      [ "$(grep -c 'error:' "$work/log")" -le 2 ] || { head -20 "$work/log"; fail "$header: more than one error"; }
    done
    ;;
  no-exceptions)
    compile -fno-exceptions "$here/main.cpp" "$here/other.cpp" -o "$work/consumer"
    "$work/consumer"
    # What fails ends the program with the message.
    cat >"$work/fails.cpp" <<'END'
#include "tessera/engine/model.hpp"
#include "tessera/models/resmlp.hpp"
int main() { tessera::Tensor<tessera::any_shape> x(tessera::Shape{-4, 4, 3}); }
END
    compile -fno-exceptions "$work/fails.cpp" -o "$work/fails"
    if message=$("$work/fails" 2>&1); then fail "a tensor of height -4"; fi
    [ -n "$message" ] || fail "no message"
    if compile -fno-exceptions -fsyntax-only "$here/files.cpp" 2>"$work/log"; then fail "files.cpp compiles"; fi
    grep -m 1 'error:' "$work/log" | grep -q 'needs exceptions' || { head "$work/log"; fail "another error comes first"; }
    ;;
  no-rtti)
    compile -fno-rtti "$here/main.cpp" "$here/other.cpp" -o "$work/consumer"
    "$work/consumer"
    compile -fno-rtti -fsyntax-only "$here/files.cpp"
    ;;
  warnings)
    for unit in main other files warnings; do
      echo "$compiler: $unit.cpp"
      compile "${strict[@]}" -fsyntax-only "$here/$unit.cpp"
    done
    ;;
  amalgamated)
    python3 "$source/docs/packaging/amalgamate.py" >"$work/tessera.hpp"
    cat >"$work/alone.cpp" <<'END'
#include "tessera.hpp"
#include "tessera.hpp"
int main(int, char** arguments) {
  const tessera::TensorFile file = tessera::read_safetensors(arguments[1]);
  tessera::Weights<tessera::ResMlpCifar10> weights;
  weights.keep(std::make_shared<tessera::LoadedParameters>(tessera::assign(file, weights.parameters())));
  return tessera::self_test(tessera::Model<tessera::ResMlpCifar10>(weights), file) < 1e-4 ? 0 : 1;
}
END
    "$compiler" -std=c++20 -O1 "${strict[@]}" "${flags[@]}" "${eigen[@]}" "$work/alone.cpp" -o "$work/alone"
    "$work/alone" "$model"
    ;;
  compiled)
    install cmake -DTESSERA_COMPILED=ON -DTESSERA_COMPILED_NETWORKS=ResMlpCifar10 -DTESSERA_COMPILED_INSTRUCTION_SETS=baseline
    outside cmake -DCMAKE_PREFIX_PATH="$work/moved" -DCONSUMER_COMPONENTS="compiled"
    ;;
  cpack)
    install cmake
    (cd "$work/source_build" && cpack -G TGZ -B "$work/archive" >/dev/null)
    tar -tzf "$work"/archive/tessera-*.tar.gz >"$work/list"
    for file in include/tessera/tessera.hpp share/cmake/tessera/tessera-config.cmake share/pkgconfig/tessera.pc; do
      grep -q "/$file\$" "$work/list" || fail "no $file in the archive"
    done
    cmake --install "$work/source_build" --prefix "$work/headers" --component headers >/dev/null
    [ -e "$work/headers/include/tessera/tessera.hpp" ] || fail "cmake --install --component headers"
    ;;
  *) fail "no such way" ;;
esac
echo "consumer: $way: as expected"

# hubkeep_library(name SOURCES … USES … [LINKS …] [TESTS …] [FUZZ …]): one layer, its unit tests as <name>_test, and
# its fuzz targets, one a source.
# USES names layers of hubkeep (public), LINKS third-party targets (private to the layer).

function(hubkeep_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LINKS;TESTS;TEST_LINKS;FUZZ" ${ARGN})
  add_library(hubkeep_${name} STATIC ${ARG_SOURCES})
  target_include_directories(hubkeep_${name} PUBLIC "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(hubkeep_${name} PUBLIC fmt::fmt nlohmann_json::nlohmann_json PRIVATE ${ARG_LINKS})
  foreach(layer ${ARG_USES})
    target_link_libraries(hubkeep_${name} PUBLIC hubkeep_${layer})
  endforeach()
  if(HUBKEEP_BUILD_TESTS AND ARG_TESTS)
    add_executable(${name}_test ${ARG_TESTS})
    hubkeep_compile_fast(${name}_test)
    target_link_libraries(${name}_test PRIVATE hubkeep_${name} ${ARG_LINKS} ${ARG_TEST_LINKS} GTest::gmock GTest::gtest_main)
    set_property(GLOBAL APPEND PROPERTY HUBKEEP_UNIT_TESTS ${name}_test)
    add_test(NAME ${name}_test COMMAND ${name}_test)
  endif()
  if(HUBKEEP_BUILD_TESTS)
    foreach(source ${ARG_FUZZ})
      hubkeep_fuzz_target(${source} hubkeep_${name} ${ARG_TEST_LINKS})
    endforeach()
  endif()
endfunction()

# For what runs once: a test is compiled in little more than half the time.
function(hubkeep_compile_fast target)
  target_compile_options(${target} PRIVATE "SHELL:-O0 -U_FORTIFY_SOURCE")  # which wants an optimizer
endfunction()

# A file with an LLVMFuzzerTestOneInput: an executable with libFuzzer where HUBKEEP_FUZZ is on. Elsewhere a function
# that bears the file's name, so that all of them can be linked into one test, see tests/fuzz.
function(hubkeep_fuzz_target source)
  get_filename_component(target ${source} NAME_WE)
  if(HUBKEEP_FUZZ)
    add_executable(${target} ${source})
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    add_library(${target} OBJECT ${source})
    target_compile_definitions(${target} PRIVATE LLVMFuzzerTestOneInput=${target})
  endif()
  target_link_libraries(${target} PUBLIC hubkeep_fuzz_support ${ARGN})
  set_property(GLOBAL APPEND PROPERTY HUBKEEP_FUZZ_TARGETS ${target})
endfunction()

# What a mistake may not become: Debian's hardening flags, whoever builds. Sanitizers look at more, and want none of
# them in the way. Executables are position independent, as Debian's compilers make them.
function(hubkeep_harden)
  add_compile_options(-D_GLIBCXX_ASSERTIONS)
  if(HUBKEEP_SANITIZE OR HUBKEEP_FUZZ)
    return()
  endif()
  add_compile_options(-fstack-protector-strong -fstack-clash-protection)
  add_compile_options("$<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=3>")
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-fcf-protection=full)
  elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
    add_compile_options(-mbranch-protection=standard)
  endif()
  add_link_options(LINKER:-z,relro LINKER:-z,now)
endfunction()

# The flags with which the distribution builds its packages. The programs that are shipped are not optimized further
# at link time, and their debug symbols are stripped anyway.
function(hubkeep_distribution_flags)
  find_program(DPKG_BUILDFLAGS dpkg-buildflags REQUIRED)
  set(architecture "")
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
    set(architecture DEB_HOST_ARCH=arm64)
  endif()
  foreach(kind CPPFLAGS CXXFLAGS LDFLAGS)
    execute_process(
      COMMAND ${CMAKE_COMMAND} -E env "DEB_BUILD_MAINT_OPTIONS=hardening=+all optimize=-lto" "DEB_CXXFLAGS_MAINT_STRIP=-g -O2"
              ${architecture} ${DPKG_BUILDFLAGS} --get ${kind}
      WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}" OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE
      COMMAND_ERROR_IS_FATAL ANY)
    separate_arguments(flags UNIX_COMMAND "${flags}")
    if(kind STREQUAL "LDFLAGS")
      add_link_options(${flags})
    else()
      add_compile_options(${flags})
    endif()
  endforeach()
endfunction()

function(hubkeep_global_flags)
  set(CMAKE_CXX_STANDARD 20 PARENT_SCOPE)
  set(CMAKE_CXX_STANDARD_REQUIRED ON PARENT_SCOPE)
  set(CMAKE_CXX_EXTENSIONS OFF PARENT_SCOPE)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON PARENT_SCOPE)
  add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion)
  # Designated initializers leave the other members at their defaults on purpose.
  add_compile_options(-Wno-missing-field-initializers)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-restrict)  # GCC bug 105329: false alarms on std::string's operator+
  endif()
  if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-fsigned-char)  # as on x86_64, where it is tested
  endif()
  if(HUBKEEP_DISTRIBUTION_FLAGS)
    hubkeep_distribution_flags()
  endif()
  hubkeep_harden()
  if(HUBKEEP_WERROR)
    add_compile_options(-Werror)
  endif()
  if(HUBKEEP_SANITIZE)
    add_compile_options(-fsanitize=${HUBKEEP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${HUBKEEP_SANITIZE})
  endif()
  if(HUBKEEP_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
  find_program(CCACHE ccache)
  if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}" PARENT_SCOPE)
  endif()
  if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
  endif()
endfunction()

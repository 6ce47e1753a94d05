{
  "targets": [
    {
      "target_name": "mediaswitch",
      "type": "none",
      "actions": [
        {
          "action_name": "build_native",
          "inputs": ["CMakeLists.txt"],
          "outputs": ["<(PRODUCT_DIR)/.never-made-so-that-this-always-runs"],
          "action": ["node", "<(module_root_dir)/tools/build-native.mjs"],
        },
      ],
    },
  ],
}
